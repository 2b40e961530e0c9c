/** Codes of a flow's errors. A `blocking` one refuses a run when its node is in the run's scope. */
export const ProblemCode = {
  notJson: 'FLOW_NOT_JSON',
  notAFlow: 'FLOW_NOT_A_FLOW',
  foreign: 'FLOW_FOREIGN',
  tooLarge: 'FLOW_TOO_LARGE',
  tooDeep: 'FLOW_TOO_DEEP',
  nodeDuplicate: 'NODE_DUPLICATE',
  nodeInvalid: 'NODE_INVALID',
  componentUnknown: 'COMPONENT_UNKNOWN',
  componentEdited: 'COMPONENT_EDITED',
  componentCustom: 'COMPONENT_CUSTOM',
  componentDiffers: 'COMPONENT_DIFFERS',
  edgeNodeMissing: 'EDGE_NODE_MISSING',
  edgePortMissing: 'EDGE_PORT_MISSING',
  edgeTypeMismatch: 'EDGE_TYPE_MISMATCH',
  edgeInvalid: 'EDGE_INVALID',
  cycle: 'CYCLE',
  groupInvalid: 'GROUP_INVALID',
  startAmbiguous: 'START_AMBIGUOUS',
  noOutput: 'NO_OUTPUT',
  nameForbidden: 'NAME_FORBIDDEN',
  fieldInvalid: 'FIELD_INVALID',
  fieldMissing: 'FIELD_MISSING',
  modelNotChosen: 'MODEL_NOT_CHOSEN',
  variableMissing: 'VARIABLE_MISSING',
  secretMasked: 'SECRET_MASKED',
  addressOfVariable: 'ADDRESS_OF_VARIABLE',
  nameChanged: 'NAME_CHANGED',
  endpointChanged: 'ENDPOINT_CHANGED',
  settingChanged: 'SETTING_CHANGED',
  idShared: 'FLOW_ID_SHARED',
  frozenIgnored: 'FROZEN_IGNORED',
  codeHashUnknown: 'CODE_HASH_UNKNOWN',
  tweakInvalid: 'TWEAK_INVALID',
  tweakCode: 'TWEAK_CODE',
  inputConflict: 'INPUT_CONFLICT',
} as const;
export type ProblemCode = (typeof ProblemCode)[keyof typeof ProblemCode];

/** One error in a flow: where it is, what it is, and the remedy. */
export interface Problem {
  readonly code: ProblemCode;
  /** `blocking`: a run whose scope has the node is refused. `warning`: it runs, and the report says so. */
  readonly severity: 'blocking' | 'warning';
  readonly message: string;
  readonly remedy: string;
  /** Ids of the nodes concerned; empty when it is the whole flow: such a problem blocks every run. */
  readonly nodes: readonly string[];
  readonly nodeType?: string;
  readonly field?: string;
  /** Name of the variable to set; absent if the text in its place could be a key. */
  readonly variable?: string;
}
