import { deleteServiceAccount, deleteTeam, deleteUser } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Deleting } from '../operations/deleting.js';

/** Handles requests that delete teams, service accounts and people. What is deleted is not found again. */
@Controller()
export class DeletionsHandler {
  constructor(private readonly deleting: Deleting) {}

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
}
