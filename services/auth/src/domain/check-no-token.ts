import { causewayError } from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';

/**
 * Checks that it is not a program with an access token that asks, nor with a key that was made with one: what is about who somebody is and what others may do for them is in no scope.
 *
 * @param act  what it would do
 * @throws CausewayError TOKEN_NOT_ENOUGH
 */
export function checkNoToken({ tokenId }: Pick<Principal, 'tokenId'>, act: string): void {
  if (tokenId !== undefined) throw causewayError('TOKEN_NOT_ENOUGH', { act });
}
