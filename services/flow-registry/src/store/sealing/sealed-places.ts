import { SealedKind, type SealedPlace } from '@causeway/platform';

/** The place of a flow's graph. */
export function placeOfFlow(organisationId: string, flowId: string): SealedPlace {
  return { organisationId, kind: SealedKind.flow, id: flowId };
}

/** The place of a version's content. */
export function placeOfVersion(organisationId: string, flowId: string, versionHash: string): SealedPlace {
  return { organisationId, kind: SealedKind.flowVersion, id: `${flowId}/${versionHash}` };
}

/** The place of what a compiler made of a version: the plan, or the variables that it uses. */
export function placeOfPlan(
  organisationId: string,
  version: { readonly flowId: string; readonly versionHash: string; readonly compiledBy: string },
  part: 'plan' | 'uses',
): SealedPlace {
  const { flowId, versionHash, compiledBy } = version;
  return { organisationId, kind: SealedKind.plan, id: `${flowId}/${versionHash}/${compiledBy}`, part };
}

/** The place of an imported file. */
export function placeOfSource(organisationId: string, sourceId: string): SealedPlace {
  return { organisationId, kind: SealedKind.source, id: sourceId };
}

/** The place of the secret for the signatures of a flow's webhook. */
export function placeOfWebhook(organisationId: string, flowId: string): SealedPlace {
  return { organisationId, kind: SealedKind.webhook, id: flowId };
}

/** The place of a variable's value. */
export function placeOfVariable(organisationId: string, variableId: string): SealedPlace {
  return { organisationId, kind: SealedKind.variable, id: variableId };
}
