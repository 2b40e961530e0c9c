export type { Json, JsonObject } from './json.js';
export { canonicalJson, isPlainObject } from './json.js';
export { CausewayError, assertNever, isCausewayError } from './errors.js';
export type { Catalogue, FieldFault } from './catalogue.js';
export type {
  ComponentRole,
  ComponentSpec,
  Effects,
  FieldSpec,
  FieldType,
  OutputSpec,
} from './component-spec.js';
export { componentClass } from './component-type.js';
export type { Problem } from './problem.js';
export { ProblemCode } from './problem.js';
export type {
  Plan,
  PlanEdge,
  PlanField,
  PlanGroup,
  PlanLoop,
  PlanNode,
  PlanOutput,
  PlanPort,
} from './plan.js';
export type { InputBinding, InputSource, RunCommand, RunEvent, RunScope } from './run.js';
export { RunStatus, canTransition, isFinal, maxVisits, runTransitions } from './run.js';
export type { FlowData, FlowDocument } from './file/flow-document.js';
export { flowFileText } from './file/flow-file-text.js';
export type { ParseFlowOptions, ParsedFlowFile } from './file/parse-flow-file.js';
export { parseFlowFile } from './file/parse-flow-file.js';
export type { ExpandedFlow } from './file/expand-groups.js';
export { expandGroups } from './file/expand-groups.js';
export { compileFlow } from './compile/compile-flow.js';
export {
  type VariableUse,
  isNameShown,
  unshownVariableRemedy,
  variableUses,
} from './compile/variable-uses.js';
export { PLAN_FORMAT, compilerName } from './compile/compiler-name.js';
export { flowVersionContent, versionHash } from './file/flow-version.js';
export type { ScopeRequest } from './request/choose-scope.js';
export { blockingProblems, chooseScope, problemsOfRuns } from './request/choose-scope.js';
export type { TweakedPlan } from './request/apply-tweaks.js';
export { applyTweaks } from './request/apply-tweaks.js';
export type { RunInput } from './request/apply-run-input.js';
export { applyRunInput } from './request/apply-run-input.js';
export type { Decision } from './decide/decide.js';
export type { RunState } from './decide/run-state.js';
export type { TweakContext } from './request/apply-tweaks.js';
export { beginRun, decide } from './decide/decide.js';
export type { StepPath } from './decide/step-path.js';
export { parsePath, pathOf } from './decide/step-path.js';
export { textDepth, textValues, valueDepth } from './json-text.js';
export { joinShort, shortText } from './short-text.js';
export { ProblemList } from './problem-list.js';
export { NameList } from './name-list.js';
export { SECRET_MASK, keysIn, maskKeys } from './secret/key-shapes.js';
export { shortMasked, shortUnmasked } from './secret/short-masked.js';
export { isSecretField, maskSecrets, nodeMasker } from './secret/mask-secrets.js';
export { hasMask, restoreSecrets } from './secret/restore-secrets.js';
export { isSecretName } from './secret/secret-name.js';
export { secretsIn, secretsInSteps } from './secret/secrets-in-value.js';
export { type Steps, atOnce, pieceCounter } from './secret/steps.js';
export { shellWords, maxCommandLength } from './secret/shell-words.js';
export { looksLikeVariableName } from './secret/variable-name.js';
