import { cutPage } from '@causeway/contracts';
import type { InputOf, ReplyOf, Tenant, Variable, listVariables } from '@causeway/contracts';
import { Vault, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { placeOfVariable } from './sealing/sealed-places.js';
import type { Variable as VariableRow } from './generated/client.js';
import { Tables, type Writes } from './tables.js';

/** The table of variables. */
@Injectable()
export class VariableStore {
  constructor(
    private readonly tables: Tables,
    private readonly vault: Vault,
  ) {}

  /** One page in the order of names; the last name is also the position of the next page. */
  async list(input: InputOf<typeof listVariables>): Promise<ReplyOf<typeof listVariables>> {
    const { organisationId, teamId, page } = input;
    const rows = await this.tables.reads.variable.findMany({
      where: { organisationId, teamId, ...(page.after !== undefined && { name: { gt: page.after } }) },
      orderBy: { name: 'asc' },
      take: page.limit + 1,
    });
    const shown = await Promise.all(rows.map((row) => this.variable(row)));
    return cutPage(
      shown,
      page.limit,
      (variable) => variable,
      ({ name }) => name,
    );
  }

  /** Types by name. */
  async types({ organisationId, teamId }: Tenant): Promise<Map<string, string>> {
    const rows = await this.tables.reads.variable.findMany({
      where: { organisationId, teamId },
      select: { name: true, type: true },
    });
    return new Map(rows.map(({ name, type }) => [name, type]));
  }

  async find(
    writes: Writes,
    { organisationId, teamId }: Tenant,
    id: string,
  ): Promise<VariableRow | undefined> {
    return (await writes.variable.findFirst({ where: { id, organisationId, teamId } })) ?? undefined;
  }

  async findByName(
    writes: Writes,
    { organisationId, teamId }: Tenant,
    name: string,
  ): Promise<VariableRow | undefined> {
    return (await writes.variable.findFirst({ where: { name, organisationId, teamId } })) ?? undefined;
  }

  async insert(writes: Writes, row: Omit<VariableRow, 'createdAt' | 'updatedAt'>): Promise<Variable> {
    return this.variable(await writes.variable.create({ data: row }));
  }

  async update(writes: Writes, id: string, change: Partial<VariableRow>): Promise<Variable> {
    return this.variable(
      await writes.variable.update({ where: { id }, data: { ...change, updatedAt: new Date() } }),
    );
  }

  async delete(writes: Writes, id: string): Promise<void> {
    await writes.variable.delete({ where: { id } });
  }

  /** A variable as it is shown: without a credential's value, with any other value in clear text. */
  async variable(row: VariableRow): Promise<Variable> {
    return {
      id: row.id,
      name: row.name,
      // A check in the database allows only these two values.
      type: row.type as Variable['type'],
      value: row.type === 'Generic' ? await this.open(row) : null,
      defaultFields: row.defaultFields,
      allowedHosts: row.allowedHosts,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    };
  }

  private async open({ id, organisationId, sealedValue }: VariableRow): Promise<string | null> {
    try {
      return await this.vault.open(sealedValue, placeOfVariable(organisationId, id));
    } catch (error) {
      // A value sealed with a lost key must not hide the other variables, and must be listed itself so that it can be set again.
      log.failure(error, 'variable not opened', { variableId: id });
      return null;
    }
  }
}
