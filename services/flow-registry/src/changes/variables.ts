import { causewayError } from '@causeway/contracts';
import type { InputOf, Variable, createVariable, deleteVariable, updateVariable } from '@causeway/contracts';
import { SealedKind, Vault, dataKeyOf, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { type Actor, registryEvent } from '../domain/registry-event.js';
import { placeOfVariable } from '../store/sealing/sealed-places.js';
import { type Writes, tell } from '../store/tables.js';
import { VariableStore } from '../store/variable.store.js';
import { Committing } from './committing.js';

/** Creates, changes and deletes variables. Values arrive sealed for the team, and are sealed again for their row. */
@Injectable()
export class Variables {
  constructor(
    private readonly committing: Committing,
    private readonly variables: VariableStore,
    private readonly vault: Vault,
  ) {}

  /** @throws CausewayError VARIABLE_TAKEN, SEALED_UNREADABLE for a value sealed with another key */
  async create(input: InputOf<typeof createVariable>): Promise<Variable> {
    const { principal, name, type, sealedValue, defaultFields, allowedHosts } = input;
    checkTexts({ name, defaultFields });
    const { organisationId, teamId } = principal;
    const id = newId();
    const own = await this.sealOwn(principal, sealedValue, id);
    return this.committing.commit(principal, async (writes) => {
      await this.checkFree(writes, input, name);
      const named = { id, organisationId, teamId, name, type };
      const row = { ...named, ...own, defaultFields, allowedHosts };
      const variable = await this.variables.insert(writes, row);
      await this.tell(writes, input, 'variable.create', variable, { type, ...hostsOf(allowedHosts) });
      return variable;
    });
  }

  /**
   * Changes the given values. A credential becomes Generic, and thereby readable, only together with a new value.
   *
   * @throws CausewayError VARIABLE_UNKNOWN, VARIABLE_TAKEN, REQUEST_INVALID, SEALED_UNREADABLE
   */
  async update(input: InputOf<typeof updateVariable>): Promise<Variable> {
    const { principal, variableId, name, type, sealedValue, defaultFields, allowedHosts } = input;
    checkTexts({ name, defaultFields });
    const own =
      sealedValue === undefined ? undefined : await this.sealOwn(principal, sealedValue, variableId);
    return this.committing.commit(principal, async (writes) => {
      const there = await this.variables.find(writes, principal, variableId);
      if (!there) throw causewayError('VARIABLE_UNKNOWN', { variable: variableId });
      if (name !== undefined && name !== there.name) await this.checkFree(writes, input, name);
      if (there.type === 'Credential' && type === 'Generic' && !own) {
        throw causewayError('REQUEST_INVALID', {
          problems:
            'type: a Credential becomes Generic only together with a new value, since values of Generic are shown.',
        });
      }
      // Two sealed texts are never equal, so a given value always counts as a change.
      const given = Object.entries({
        name,
        type,
        sealedValue: own?.sealedValue,
        defaultFields,
        allowedHosts,
      }).filter(
        ([key, value]) => value !== undefined && String(value) !== String(there[key as keyof typeof there]),
      );
      const changed = given.map(([key]) => (key === 'sealedValue' ? 'value' : key));
      if (changed.length === 0) return this.variables.variable(there);
      const updated = await this.variables.update(writes, variableId, {
        ...Object.fromEntries(given),
        ...own,
      });
      const hosts = changed.includes('allowedHosts') ? updated.allowedHosts : [];
      await this.tell(writes, input, 'variable.update', updated, { changed, ...hostsOf(hosts) });
      return updated;
    });
  }

  /** Throws VARIABLE_UNKNOWN. */
  async delete(input: InputOf<typeof deleteVariable>): Promise<void> {
    const { principal, variableId } = input;
    await this.committing.commit(principal, async (writes) => {
      const there = await this.variables.find(writes, principal, variableId);
      if (!there) throw causewayError('VARIABLE_UNKNOWN', { variable: variableId });
      await this.variables.delete(writes, variableId);
      await this.tell(writes, input, 'variable.delete', there, {});
    });
  }

  /** A value that the gateway sealed for the team, sealed for its row. @throws CausewayError SEALED_UNREADABLE */
  private async sealOwn(
    { organisationId, teamId }: Pick<Actor['principal'], 'organisationId' | 'teamId'>,
    given: string,
    variableId: string,
  ): Promise<{ sealedValue: string; dataKeyId: string | null }> {
    const place = { organisationId, kind: SealedKind.given, id: teamId, part: 'variable' };
    const value = await this.vault.open(given, place);
    const sealedValue = await this.vault.seal(value, placeOfVariable(organisationId, variableId));
    return { sealedValue, dataKeyId: dataKeyOf(sealedValue) };
  }

  private async checkFree(writes: Writes, { principal }: Actor, name: string): Promise<void> {
    if (await this.variables.findByName(writes, principal, name))
      throw causewayError('VARIABLE_TAKEN', { name });
  }

  private async tell(
    writes: Writes,
    actor: Actor,
    action: string,
    { id, name }: { id: string; name: string },
    detail: Record<string, string | string[]>,
  ): Promise<void> {
    await tell(writes, [registryEvent(actor, { action, id, name, detail }, { id: newId(), at: new Date() })]);
  }
}

/** Names are typed into flows and headers, so a control character in one is a mistake. */
function checkTexts(texts: {
  name?: string | undefined;
  defaultFields?: readonly string[] | undefined;
}): void {
  const [bad] = [texts.name ?? '', ...(texts.defaultFields ?? [])].filter(
    (text) => /\p{Cc}/u.test(text) || !text.isWellFormed(),
  );
  if (bad === undefined) return;
  throw causewayError('REQUEST_INVALID', {
    problems: `name ${JSON.stringify(bad)}: it holds a control character; leave it out.`,
  });
}

/** The audit log records the hosts to which a secret may be sent. */
function hostsOf(allowedHosts: readonly string[]): { allowedHosts?: string[] } {
  return allowedHosts.length === 0 ? {} : { allowedHosts: [...allowedHosts] };
}
