import { knowsTeam } from '@causeway/authz';
import { causewayError, permissions } from '@causeway/contracts';
import type {
  DeviceQuestion,
  InputOf,
  Principal,
  ReplyOf,
  decideDevice,
  reviewDevice,
} from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { IDENTITY_SCOPES } from '../../domain/client-metadata.js';
import { Tables } from '../../store/tables.js';
import { Changing } from '../changing.js';
import { Calls } from './calls.js';
import type { DeviceAsking } from './asking.js';
import { DEVICE_PAGE, FORM_SECRET } from './device-flow.js';
import { Ending } from './ending.js';

/** What people answer programs that have no browser. */
@Injectable()
export class Devices {
  constructor(
    private readonly calls: Calls,
    private readonly changing: Changing,
    private readonly tables: Tables,
    private readonly ending: Ending,
  ) {}

  async review(input: InputOf<typeof reviewDevice>): Promise<DeviceQuestion> {
    const principal = await this.signedIn(input.principal);
    const { question } = await this.send(input, principal, {});
    if (!question) throw unknown(input.userCode);
    const { scopes, ...rest } = question;
    return {
      ...rest,
      permissions: permissions.filter((one) => scopes.includes(one)),
      learns: IDENTITY_SCOPES.filter((one) => scopes.includes(one)),
    };
  }

  async decide(input: InputOf<typeof decideDevice>): Promise<ReplyOf<typeof decideDevice>> {
    const { teamId, decision, userCode, requestId } = input;
    const signedIn = await this.signedIn(input.principal);
    const principal = { ...signedIn, teamId: await this.teamOf(signedIn, teamId) };
    const isAllowed = decision === 'allow';
    const found = await this.send(input, principal, isAllowed ? { confirm: 'yes' } : { abort: 'yes' });
    const { isClaimed, isAllowedNow, clientId = '', problem } = found;
    if (!isClaimed) throw unknown(userCode);
    if (isAllowed !== (isAllowedNow ?? false))
      throw causewayError('OAUTH_REQUEST_INVALID', { problem: problem ?? 'it cannot be answered' });
    if (!isAllowed) await this.ending.noteDenial(principal, clientId, { requestId });
    const client = await this.tables.reads.oauthClient.findUnique({ where: { id: clientId } });
    return { client: client?.name ?? '' };
  }

  /** Asks the library as its own form would. */
  private async send(
    { origin, userCode, requestId }: InputOf<typeof reviewDevice>,
    principal: Principal,
    more: Readonly<Record<string, string>>,
  ): Promise<DeviceAsking> {
    const device: DeviceAsking = { isClaimed: false };
    const signedInAtS = await this.calls.signedInAt(principal);
    const asking = {
      path: DEVICE_PAGE,
      requestId,
      principal,
      signedInAtS,
      decision: 'allow',
      device,
    } as const;
    await this.calls.send(asking, {
      method: 'POST',
      path: DEVICE_PAGE,
      origin,
      contentType: 'application/x-www-form-urlencoded',
      body: new URLSearchParams({ xsrf: FORM_SECRET, user_code: userCode, ...more }).toString(),
    });
    return device;
  }

  private async signedIn(caller: Principal): Promise<Principal> {
    const principal = await this.changing.fresh(caller);
    if (principal.sessionId === undefined) throw causewayError('OAUTH_NEEDS_BROWSER', {});
    return principal;
  }

  /** @throws CausewayError TEAM_UNKNOWN */
  private async teamOf({ organisationId, grants = [] }: Principal, teamId: string): Promise<string> {
    const team = await this.tables.reads.team.findFirst({
      where: { organisationId, id: teamId, deletedAt: null },
    });
    if (!team || !knowsTeam(grants, { organisationId, teamId }))
      throw causewayError('TEAM_UNKNOWN', { teamId });
    return teamId;
  }
}

function unknown(userCode: string): Error {
  return causewayError('USER_CODE_UNKNOWN', { userCode });
}
