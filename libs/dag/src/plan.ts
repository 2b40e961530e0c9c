import type { ComponentRole, Effects, FieldType } from './component-spec.js';
import type { PLAN_FORMAT } from './compile/compiler-name.js';
import type { Json } from './json.js';
import type { Problem } from './problem.js';

/**
 * A compiled flow version: which nodes run, in which order, with which inputs. Plain JSON, so that it can be stored in
 * Redis by version hash and sent between services.
 */
export interface Plan {
  /** Raised when the shape of a plan changes; a plan of another format is compiled again. */
  readonly format: typeof PLAN_FORMAT;
  readonly nodes: Readonly<Record<string, PlanNode>>;
  /** The group nodes that were expanded, each before those inside it: a request may name them as they are drawn. */
  readonly groups: readonly PlanGroup[];
  readonly edges: readonly PlanEdge[];
  /** All node ids, predecessors first, not counting feedback edges. */
  readonly order: readonly string[];
  /** Nodes that take the request's input, in the order in which Langflow looks for a start: webhook, chat, others. */
  readonly inputs: readonly string[];
  /** Nodes whose results a run answers with. */
  readonly outputs: readonly string[];
  /** Body and feedback of each loop, by the Loop node's id. */
  readonly loops: Readonly<Record<string, PlanLoop>>;
  /** Node ids of each cycle that contains a router; these nodes may be visited several times. */
  readonly cycles: readonly (readonly string[])[];
  readonly problems: readonly Problem[];
}

/** A node that runs. Group nodes are expanded, notes are left out. */
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
  /** Present names of fields, by their names in other versions, which tweaks may use. */
  readonly formerFields?: Readonly<Record<string, string>>;
  readonly outputs: readonly PlanOutput[];
  /** Names of the outputs to compute: those with an edge, or all when none has one. */
  readonly usedOutputs: readonly string[];
  readonly toolMode: boolean;
  /** In tool mode: the component's own outputs that are offered as tools, since `outputs` then holds `component_as_tool` only. */
  readonly toolOutputs?: readonly PlanOutput[];
  /** Set when this node's text is the input of a chat output: its tokens are streamed under that node's message. */
  readonly streamsTo?: string;
}

/** A group as it is drawn; only the nodes inside it run. */
export interface PlanGroup {
  readonly id: string;
  /** Ids of the groups around it, outermost first. */
  readonly parents: readonly string[];
  readonly displayName: string;
  /** The inner node's field that each of its own fields represents. */
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
  /** Langflow's more precise class name, if the file has one. */
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

/** An output as the file has it, with the kind that the catalogue gives it. */
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
  /** Closes a loop or a router cycle: the first visit does not wait for it. */
  readonly feedback?: boolean;
}

/** The part of the graph that a Loop repeats for each item. */
export interface PlanLoop {
  /** Node ids between the `item` output and the feedback edge, with the predecessors that only serve them. */
  readonly body: readonly string[];
  /** Name of the Loop's output that gives the items one by one. */
  readonly item: string;
  /** The output whose value is an iteration's result. */
  readonly feedback: { readonly source: string; readonly output: string };
}
