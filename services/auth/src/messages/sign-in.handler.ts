import {
  beginSignIn,
  deleteConnection,
  describeConnection,
  endProviderSessions,
  endSession,
  finishSignIn,
  listConnections,
  listUserSessions,
  offerConnections,
  putConnection,
  switchTeam,
  testConnection,
  verifySession,
} from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Connections } from '../operations/sign-in/connections.js';
import { Sessions } from '../operations/sign-in/sessions.js';
import { SigningIn } from '../operations/sign-in/signing-in.js';
import { SigningOut } from '../operations/sign-in/signing-out.js';

/** Handles requests about identity providers and about who is signed in. */
@Controller()
export class SignInHandler {
  constructor(
    private readonly connections: Connections,
    private readonly signingIn: SigningIn,
    private readonly signingOut: SigningOut,
    private readonly sessions: Sessions,
  ) {}

  @Handles(listConnections)
  list(input: InputOf<typeof listConnections>): Promise<ReplyOf<typeof listConnections>> {
    return this.connections.list(input);
  }

  /** Idempotent: the same fields again change nothing. */
  @Handles(putConnection)
  put(input: InputOf<typeof putConnection>): Promise<ReplyOf<typeof putConnection>> {
    return this.connections.put(input);
  }

  @Handles(deleteConnection)
  async delete(input: InputOf<typeof deleteConnection>): Promise<ReplyOf<typeof deleteConnection>> {
    await this.connections.delete(input);
    return {};
  }

  @Handles(testConnection)
  test(input: InputOf<typeof testConnection>): Promise<ReplyOf<typeof testConnection>> {
    return this.connections.test(input);
  }

  @Handles(describeConnection)
  describe(input: InputOf<typeof describeConnection>): Promise<ReplyOf<typeof describeConnection>> {
    return this.connections.describe(input);
  }

  @Handles(offerConnections)
  offer(input: InputOf<typeof offerConnections>): Promise<ReplyOf<typeof offerConnections>> {
    return this.signingIn.offer(input);
  }

  @Handles(beginSignIn)
  begin(input: InputOf<typeof beginSignIn>): Promise<ReplyOf<typeof beginSignIn>> {
    return this.signingIn.begin(input);
  }

  /** A second time it is refused: the identity provider takes each code once, and each assertion is used once. */
  @Handles(finishSignIn)
  finish(input: InputOf<typeof finishSignIn>): Promise<ReplyOf<typeof finishSignIn>> {
    return this.signingIn.finish(input);
  }

  @Handles(verifySession)
  verify(input: InputOf<typeof verifySession>): Promise<ReplyOf<typeof verifySession>> {
    return this.sessions.verify(input);
  }

  @Handles(listUserSessions)
  listUserSessions(input: InputOf<typeof listUserSessions>): Promise<ReplyOf<typeof listUserSessions>> {
    return this.sessions.list(input);
  }

  /** What has ended already is unknown. */
  @Handles(endSession)
  end(input: InputOf<typeof endSession>): Promise<ReplyOf<typeof endSession>> {
    return this.signingOut.end(input);
  }

  @Handles(switchTeam)
  async switchTeam(input: InputOf<typeof switchTeam>): Promise<ReplyOf<typeof switchTeam>> {
    await this.sessions.switchTeam(input);
    return {};
  }

  @Handles(endProviderSessions)
  endByProvider(input: InputOf<typeof endProviderSessions>): Promise<ReplyOf<typeof endProviderSessions>> {
    return this.signingOut.endByProvider(input);
  }
}
