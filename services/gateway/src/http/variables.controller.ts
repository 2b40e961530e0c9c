import {
  createVariable,
  createVariableRoute,
  deleteVariable,
  deleteVariableRoute,
  listVariables,
  listVariablesRoute,
  patchVariableRoute,
  updateVariable,
  actorOf,
  tenantOf,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, SealedKind, Vault } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { variableRead } from '../domain/langflow-shapes.js';
import { everyItem } from '../operations/every-item.js';
import { type WrittenJson, answerJson, shownAs } from './answer/answer-json.js';
import type { Call } from './door/call.js';
import { Serve } from './door/serve.js';

/** Variables in one request; few, because their values are long. */
const PAGE = 50;

/** Variables. A value is sealed before it leaves the gateway; only the registry opens it, and only for the caller's team. */
@Controller()
export class VariablesController {
  constructor(
    private readonly bus: Bus,
    private readonly vault: Vault,
  ) {}

  @Serve(listVariablesRoute)
  async list(_input: RouteInput<typeof listVariablesRoute>, call: Call): Promise<WrittenJson> {
    const variables = await everyItem((after) =>
      this.bus.request(listVariables, { ...tenantOf(call), page: { limit: PAGE, ...after } }),
    );
    return answerJson(call, '[', shownAs(variables, variableRead), ']');
  }

  @Serve(createVariableRoute)
  async create(
    { body }: RouteInput<typeof createVariableRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createVariableRoute>> {
    const { name, type, value, default_fields: fields, allowed_hosts: hosts } = body;
    return variableRead(
      await this.bus.request(createVariable, {
        ...actorOf(call),
        name,
        type,
        sealedValue: await this.seal(call, value),
        defaultFields: fields ?? [],
        allowedHosts: hosts ?? [],
      }),
    );
  }

  @Serve(patchVariableRoute)
  async patch(
    { params, body }: RouteInput<typeof patchVariableRoute>,
    call: Call,
  ): Promise<RouteReply<typeof patchVariableRoute>> {
    return variableRead(
      await this.bus.request(updateVariable, {
        ...actorOf(call),
        variableId: params.variableId,
        ...(body.name !== undefined && { name: body.name }),
        ...(body.type !== undefined && { type: body.type }),
        ...(body.value !== undefined && { sealedValue: await this.seal(call, body.value) }),
        ...(body.default_fields != null && { defaultFields: body.default_fields }),
        ...(body.allowed_hosts !== undefined && { allowedHosts: body.allowed_hosts }),
      }),
    );
  }

  private seal(call: Call, value: string): Promise<string> {
    const { organisationId, teamId } = tenantOf(call);
    return this.vault.seal(value, { organisationId, kind: SealedKind.given, id: teamId, part: 'variable' });
  }

  @Serve(deleteVariableRoute)
  async delete({ params }: RouteInput<typeof deleteVariableRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteVariable, { ...actorOf(call), ...params });
  }
}
