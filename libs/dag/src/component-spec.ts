import type { Json } from './json.js';

/** The type of a field's value in a flow file, as Langflow names it. */
export type FieldType =
  | 'str'
  | 'int'
  | 'float'
  | 'bool'
  | 'dict'
  | 'NestedDict'
  | 'file'
  | 'prompt'
  | 'mustache'
  | 'code'
  | 'other'
  | 'table'
  | 'link'
  | 'slider'
  | 'tab'
  | 'query'
  | 'tools'
  | 'mcp'
  | 'model'
  | 'sortableList'
  | 'connect'
  | 'auth'
  | 'knowledge_backend';

/**
 * What a component does to the outside world. It decides what happens after a crash in the middle of a step.
 * `none`: may run again without harm (a model call only costs tokens). `idempotent`: may run again, with the same end
 * state.
 * `keyed`: runs again with the same idempotency key. `unsafe`: never runs again without a person's consent.
 */
export type Effects = 'none' | 'idempotent' | 'keyed' | 'unsafe';

/** The role of a component when the graph is executed. */
export type ComponentRole = 'input' | 'output' | 'router' | 'loop' | 'plain';

/** One setting of a component, and its port when `inputTypes` are given. */
export interface FieldSpec {
  readonly name: string;
  readonly displayName: string;
  readonly type: FieldType;
  /**
   * Types of edges that may end here; absent when no edge may. `Data` and `JSON` are one type, `DataFrame` and `Table`
   * another.
   */
  readonly inputTypes?: readonly string[];
  /** Used when the flow gives no value. */
  readonly default?: Json;
  readonly required?: boolean;
  /** Whether the field takes several values; then several edges may end here. */
  readonly list?: boolean;
  /** The value is a secret: never shown, never logged. */
  readonly password?: boolean;
  /** The value is the name of a variable unless the flow says otherwise. */
  readonly loadFromDb?: boolean;
  /** Of a table: its cells may hold secrets, so they may be filled from credentials. */
  readonly secretCells?: boolean;
  /** In tool mode this field becomes an argument of the tool. */
  readonly toolMode?: boolean;
  readonly advanced?: boolean;
  readonly options?: readonly string[];
  readonly info?: string;
  /** Names of the field in other versions of Langflow: files and tweaks may use them. */
  readonly formerNames?: readonly string[];
}

/** One output of a component. */
export interface OutputSpec {
  readonly name: string;
  readonly displayName: string;
  /** Type names as in Langflow: Message, Data, JSON, DataFrame, Table, LanguageModel, Tool, Embeddings… */
  readonly types: readonly string[];
  /** Langflow's method name: a tool made from this output is named after it. */
  readonly method: string;
  /** `value`: JSON, journaled, reused on resume. `handle`: rebuilt from the node's settings; its journal row has no payload. */
  readonly kind: 'value' | 'handle';
  /** Whether it is offered as a tool when the node is in tool mode. @default true */
  readonly toolMode?: boolean;
  /** A loop's feedback edge may end at this output. */
  readonly allowsLoop?: boolean;
  readonly info?: string;
}

/** A node type: its fields, its outputs, its role. Pure data; the runtime of the same type does the work. */
export interface ComponentSpec {
  /** The canonical name; `aliases` are the other names that exports of 1.0 to 1.13 use for the same component. */
  readonly type: string;
  readonly aliases: readonly string[];
  readonly displayName: string;
  readonly description: string;
  readonly category: string;
  readonly icon?: string;
  readonly role: ComponentRole;
  readonly effects: Effects;
  readonly fields: readonly FieldSpec[];
  readonly outputs: readonly OutputSpec[];
  /** Whether fields beyond `fields` are part of the component (a prompt's variables). */
  readonly openFields?: boolean;
  /** Whether settings decide which outputs exist: then a flow may have any subset of `outputs`. @default true */
  readonly partialOutputs?: boolean;
  /** Fields of older or newer exports that change nothing here: accepted and ignored. */
  readonly ignoredFields?: readonly string[];
}
