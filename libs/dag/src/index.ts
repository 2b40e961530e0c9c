export type { Json, JsonObject } from './json.js';
export { canonicalJson, isPlainObject } from './json.js';
export { CausewayError, assertNever, isCausewayError } from './errors.js';
export type {
  Catalogue,
  ComponentRole,
  ComponentSpec,
  Effects,
  FieldSpec,
  FieldType,
  OutputSpec,
} from './component-spec.js';
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
export type { FlowData, FlowDocument } from './flow-document.js';
export type { ParseFlowOptions, ParsedFlowFile } from './parse-flow-file.js';
export { parseFlowFile } from './parse-flow-file.js';
export type { ExpandedFlow } from './expand-groups.js';
export { expandGroups } from './expand-groups.js';
export { compileFlow } from './compile-flow.js';
export { PLAN_FORMAT, compilerName } from './compiler-name.js';
export { flowVersionContent, versionHash } from './flow-version.js';
export type { ScopeRequest } from './choose-scope.js';
export { blockingProblems, chooseScope } from './choose-scope.js';
export type { TweakedPlan } from './apply-tweaks.js';
export { applyTweaks } from './apply-tweaks.js';
export type { RunInput } from './apply-run-input.js';
export { applyRunInput } from './apply-run-input.js';
export type { Decision } from './decide.js';
export type { RunState } from './run-state.js';
export type { TweakContext } from './apply-tweaks.js';
export { beginRun, decide } from './decide.js';
export type { StepPath } from './step-path.js';
export { parsePath, pathOf } from './step-path.js';
export { textDepth, valueDepth } from './json-text.js';
