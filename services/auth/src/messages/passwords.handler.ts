import {
  acceptInvitation,
  createInvitation,
  deleteInvitation,
  deletePassword,
  getOrganisation,
  listInvitations,
  offerPasswords,
  readInvitation,
  setPassword,
  signInWithPassword,
  updateOrganisation,
} from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Accepting, Invitations } from '../operations/passwords/invitations.js';
import { Organisations } from '../operations/passwords/organisations.js';
import { PasswordSignIn } from '../operations/passwords/password-sign-in.js';
import { Passwords } from '../operations/passwords/passwords.js';

/** Handles requests about passwords, invitations, and whether they may be used. */
@Controller()
export class PasswordsHandler {
  constructor(
    private readonly passwords: Passwords,
    private readonly signingIn: PasswordSignIn,
    private readonly invitations: Invitations,
    private readonly accepting: Accepting,
    private readonly organisations: Organisations,
  ) {}

  @Handles(setPassword)
  set(input: InputOf<typeof setPassword>): Promise<ReplyOf<typeof setPassword>> {
    return this.passwords.set(input);
  }

  @Handles(deletePassword)
  async delete(input: InputOf<typeof deletePassword>): Promise<ReplyOf<typeof deletePassword>> {
    await this.passwords.delete(input);
    return {};
  }

  @Handles(signInWithPassword)
  signIn(input: InputOf<typeof signInWithPassword>): Promise<ReplyOf<typeof signInWithPassword>> {
    return this.signingIn.signIn(input);
  }

  @Handles(offerPasswords)
  offer(): Promise<ReplyOf<typeof offerPasswords>> {
    return this.signingIn.offer();
  }

  @Handles(createInvitation)
  invite(input: InputOf<typeof createInvitation>): Promise<ReplyOf<typeof createInvitation>> {
    return this.invitations.create(input);
  }

  @Handles(listInvitations)
  list(input: InputOf<typeof listInvitations>): Promise<ReplyOf<typeof listInvitations>> {
    return this.invitations.list(input);
  }

  @Handles(deleteInvitation)
  async takeBack(input: InputOf<typeof deleteInvitation>): Promise<ReplyOf<typeof deleteInvitation>> {
    await this.invitations.delete(input);
    return {};
  }

  @Handles(readInvitation)
  read(input: InputOf<typeof readInvitation>): Promise<ReplyOf<typeof readInvitation>> {
    return this.accepting.read(input);
  }

  /** A second time the invitation is unknown. */
  @Handles(acceptInvitation)
  accept(input: InputOf<typeof acceptInvitation>): Promise<ReplyOf<typeof acceptInvitation>> {
    return this.accepting.accept(input);
  }

  @Handles(getOrganisation)
  organisation(input: InputOf<typeof getOrganisation>): Promise<ReplyOf<typeof getOrganisation>> {
    return this.organisations.get(input);
  }

  @Handles(updateOrganisation)
  update(input: InputOf<typeof updateOrganisation>): Promise<ReplyOf<typeof updateOrganisation>> {
    return this.organisations.update(input);
  }
}
