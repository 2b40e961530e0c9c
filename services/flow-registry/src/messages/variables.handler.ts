import { createVariable, deleteVariable, listVariables, updateVariable } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Variables } from '../changes/variables.js';
import { VariableStore } from '../store/variable.store.js';

/** Requests about variables. */
@Controller()
export class VariablesHandler {
  constructor(
    private readonly variables: Variables,
    private readonly store: VariableStore,
  ) {}

  /** Not idempotent: the second time it is refused, because the name is taken. */
  @Handles(createVariable)
  create(input: InputOf<typeof createVariable>): Promise<ReplyOf<typeof createVariable>> {
    return this.variables.create(input);
  }

  @Handles(updateVariable)
  update(input: InputOf<typeof updateVariable>): Promise<ReplyOf<typeof updateVariable>> {
    return this.variables.update(input);
  }

  @Handles(listVariables)
  list(input: InputOf<typeof listVariables>): Promise<ReplyOf<typeof listVariables>> {
    return this.store.list(input);
  }

  @Handles(deleteVariable)
  async delete(input: InputOf<typeof deleteVariable>): Promise<ReplyOf<typeof deleteVariable>> {
    await this.variables.delete(input);
    return {};
  }
}
