import { deleteServiceAccount, deleteTeam, deleteUser, listBarred, readmitUser } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Barring } from '../operations/deletion/barring.js';
import { Deleting } from '../operations/deletion/deleting.js';

/** Handles requests that delete teams, service accounts and people, and those about people who must not come back. What is deleted is not found again. */
@Controller()
export class DeletionsHandler {
  constructor(
    private readonly deleting: Deleting,
    private readonly barring: Barring,
  ) {}

  @Handles(deleteTeam)
  async deleteTeam(input: InputOf<typeof deleteTeam>): Promise<ReplyOf<typeof deleteTeam>> {
    await this.deleting.deleteTeam(input);
    return {};
  }

  @Handles(deleteServiceAccount)
  async deleteAccount(
    input: InputOf<typeof deleteServiceAccount>,
  ): Promise<ReplyOf<typeof deleteServiceAccount>> {
    await this.deleting.deleteAccount(input);
    return {};
  }

  @Handles(deleteUser)
  async deleteUser(input: InputOf<typeof deleteUser>): Promise<ReplyOf<typeof deleteUser>> {
    await this.deleting.deleteUser(input);
    return {};
  }

  @Handles(listBarred)
  barred(input: InputOf<typeof listBarred>): Promise<ReplyOf<typeof listBarred>> {
    return this.barring.list(input);
  }

  /** A second time nobody is barred any more. */
  @Handles(readmitUser)
  readmit(input: InputOf<typeof readmitUser>): Promise<ReplyOf<typeof readmitUser>> {
    return this.barring.readmit(input);
  }
}
