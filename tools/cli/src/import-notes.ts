import { ProblemCode } from '@causeway/dag';

/** The server's notes on an imported flow. */
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

/** Codes of what the import changed or could not keep although the flow runs: shown once, at the import. */
export function importNotes(problems: readonly ImportProblem[] = []): ImportProblem[] {
  return problems.filter(({ code, severity }) => severity === 'warning' && notes.includes(code));
}
