import type { ComponentRole, Effects, FieldType } from './component-spec.js';
import type { PLAN_FORMAT } from './compile/compiler-name.js';
import type { Json } from './json.js';
import type { Problem } from './problem.js';

/**
 * A flow version, compiled: what runs, in what order, with what bound to what. Plain JSON, so that it can be kept
 * in Redis by version hash and sent between services.
 */
export interface Plan {
  /** Raised when the shape of a plan changes; a plan of another format is compiled anew. */
  readonly format: typeof PLAN_FORMAT;
  readonly nodes: Readonly<Record<string, PlanNode>>;
  /** The group nodes that were expanded, each before those inside it: a request may name them as they stand in the drawing. */
  readonly groups: readonly PlanGroup[];
  readonly edges: readonly PlanEdge[];
  /** All node ids, predecessors first, feedback edges left out. */
  readonly order: readonly string[];
  /** Nodes that take the request's input, in the order upstream looks for a start: webhook, chat, others. */
  readonly inputs: readonly string[];
  /** Nodes whose results a run answers with. */
  readonly outputs: readonly string[];
  /** Body and feedback of each loop, by the Loop node's id. */
  readonly loops: Readonly<Record<string, PlanLoop>>;
  /** Node ids of each cycle that passes a router; nodes on one may be visited several times. */
  readonly cycles: readonly (readonly string[])[];
  readonly problems: readonly Problem[];
}

/** A node that runs. Group nodes are expanded, notes are gone. */
export interface PlanNode {
  readonly id: string;
  /** Group ids and own id joined by `/`: the start of the node's path in the journal. */
  readonly path: string;
  /** The catalogue's name of the type; the name in the file when the catalogue has none. */
  readonly type: string;
  readonly displayName: string;
  readonly role: ComponentRole;
  readonly effects: Effects;
  readonly fields: Readonly<Record<string, PlanField>>;
  /** Present names of fields by those of other versions, which tweaks may use. */
  readonly formerFields?: Readonly<Record<string, string>>;
  readonly outputs: readonly PlanOutput[];
  /** Names of the outputs to compute: those with an edge, all when none has one. */
  readonly usedOutputs: readonly string[];
  readonly toolMode: boolean;
  /** In tool mode: the component's own outputs that are offered as tools, since `outputs` then holds `component_as_tool` only. */
  readonly toolOutputs?: readonly PlanOutput[];
  /** Set when this node's text goes straight into a chat output: tokens are streamed under that node's message. */
  readonly streamsTo?: string;
}

/** A group as it stands in the drawing; what runs are the nodes inside it. */
export interface PlanGroup {
  readonly id: string;
  /** Ids of the groups around it, outermost first. */
  readonly parents: readonly string[];
  readonly displayName: string;
  /** The inner node's field that each of its own stands for. */
  readonly fields: Readonly<Record<string, PlanPort>>;
}

/** A field of a node that runs. */
export interface PlanPort {
  readonly node: string;
  readonly field: string;
}

/** A field's value and what is needed to resolve it. */
export interface PlanField {
  readonly value: Json;
  readonly type: FieldType;
  /** Upstream's finer class name, when the file has one. */
  readonly inputClass?: string;
  readonly displayName: string;
  readonly list?: boolean;
  readonly required?: boolean;
  readonly show?: boolean;
  readonly password?: boolean;
  readonly loadFromDb?: boolean;
  /** The catalogue declares the field, or its cells, secret: only such a field may be filled from a credential. */
  readonly takesCredentials?: boolean;
  readonly toolMode?: boolean;
  readonly inputTypes?: readonly string[];
  /** Path of an uploaded file, for `file` fields. */
  readonly filePath?: Json;
  /** Columns of a table field, as in the file. */
  readonly tableSchema?: Json;
  readonly options?: Json;
}

/** An output as the file has it, with the catalogue's word on how it is kept. */
export interface PlanOutput {
  readonly name: string;
  readonly displayName: string;
  readonly method: string;
  readonly types: readonly string[];
  readonly kind: 'value' | 'handle';
  readonly toolMode: boolean;
}

/** A connection from an output to a field. */
export interface PlanEdge {
  readonly source: string;
  readonly output: string;
  readonly target: string;
  readonly field: string;
  /** Closes a loop or a router cycle: not waited for at the first visit. */
  readonly feedback?: boolean;
}

/** The part of the graph that a Loop repeats for each item. */
export interface PlanLoop {
  /** Node ids between the `item` output and the feedback edge, with those predecessors that only serve them. */
  readonly body: readonly string[];
  /** Name of the Loop's output that hands out the items. */
  readonly item: string;
  /** The output whose value is an iteration's result. */
  readonly feedback: { readonly source: string; readonly output: string };
}
