import type { FlowDocument } from './flow-document.js';
import type { Problem } from './problem.js';

/** Limits of a flow file. */
export interface ParseFlowOptions {
  /** @default 20 MB (20,000,000 bytes of UTF-8) */
  readonly maxBytes?: number;
  /** How deep objects and lists may nest. @default 200 */
  readonly maxDepth?: number;
}

/** What a flow file held. `flows` is empty when the file as a whole cannot be read; `problems` then says why. */
export interface ParsedFlowFile {
  readonly flows: readonly FlowDocument[];
  /** Of a project export. */
  readonly folder?: { readonly name: string; readonly description?: string };
  readonly problems: readonly Problem[];
}

export function parseFlowFile(input: unknown, options: ParseFlowOptions = {}): ParsedFlowFile {
  void input;
  void options;
  return { flows: [], problems: [] };
}
