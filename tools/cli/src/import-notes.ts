import { ProblemCode } from '@causeway/dag';

/** What the server says of a flow that it took in. */
export interface ImportProblem {
  readonly code: string;
  readonly severity: 'blocking' | 'warning';
  readonly message: string;
  readonly remedy: string;
  /** Name of the variable to set. */
  readonly variable?: string;
}

const notes: readonly string[] = [
  ProblemCode.nameChanged,
  ProblemCode.endpointChanged,
  ProblemCode.settingChanged,
  ProblemCode.idShared,
  ProblemCode.secretMasked,
  ProblemCode.addressOfVariable,
];

/** What the import changed or could not bring, of a flow that runs all the same: said once, when it happens. */
export function importNotes(problems: readonly ImportProblem[] = []): ImportProblem[] {
  return problems.filter(({ code, severity }) => severity === 'warning' && notes.includes(code));
}
