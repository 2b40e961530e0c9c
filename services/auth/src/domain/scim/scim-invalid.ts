import { causewayError } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';

/** How SCIM says what is wrong. Source: RFC 7644, section 3.12. */
export type ScimErrorType =
  'invalidFilter' | 'tooMany' | 'invalidSyntax' | 'invalidPath' | 'noTarget' | 'invalidValue' | 'mutability';

/** A request that is wrong. @param problem  a sentence without the full stop */
export function scimInvalid(scimType: ScimErrorType, problem: string): CausewayError {
  return causewayError('SCIM_INVALID', { scimType, problem: `${problem}.` });
}
