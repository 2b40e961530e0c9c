import type { Json, JsonObject } from '../json.js';

/** One flow of a file: what Langflow says about it, and its graph exactly as given. A setting that the file does not have, or has as null, is absent. */
export interface FlowDocument {
  readonly id?: string;
  readonly name: string;
  readonly description?: string;
  /** May replace the id in URLs; `^[a-zA-Z0-9_-]+$`. */
  readonly endpointName?: string;
  readonly tags?: readonly string[];
  /** Whether it is a saved single component, not a flow. */
  readonly isComponent?: boolean;
  /** For information only: nothing depends on it. */
  readonly lastTestedVersion?: string;
  readonly webhook?: boolean;
  readonly locked?: boolean;
  readonly icon?: string;
  readonly iconBgColor?: string;
  readonly gradient?: string;
  readonly mcpEnabled?: boolean;
  readonly actionName?: string;
  readonly actionDescription?: string;
  readonly data: FlowData;
  /** Members of the file that have the wrong type and were left out. */
  readonly unread?: readonly string[];
}

/** The graph of a flow, members as given. */
export interface FlowData {
  readonly nodes: readonly JsonObject[];
  readonly edges: readonly JsonObject[];
  readonly viewport?: Json;
  /** Name of the product whose flow it is, if it is not Langflow's. */
  readonly foreign?: string;
}
