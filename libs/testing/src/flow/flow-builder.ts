import { randomUUID } from 'node:crypto';
import type { FlowFile, FlowNode } from './flow-file.js';
import type { NodeShape } from './known-types.js';
import { makeEdge } from './make-edge.js';
import { type NodeOptions, makeNode } from './make-node.js';

/**
 * Builds a flow file in the shape of Langflow 1.10.
 *
 *     aFlow().chatInput().prompt('Answer {question}').model().chatOutput().build()
 *
 * The named steps are wired to the step before them; `node` and `edge` build anything else, also invalid flows.
 */
export function aFlow(name = 'A flow'): FlowBuilder {
  return new FlowBuilder(name);
}

/** The builder that `aFlow` returns. */
export class FlowBuilder {
  readonly #file: FlowFile;
  /** The output from which the next named step takes its input. */
  #last: { id: string; output: string } | undefined;
  /** The prompt that becomes the next model's system message. */
  #system: string | undefined;

  constructor(name: string) {
    this.#file = {
      id: randomUUID(),
      name,
      description: '',
      endpoint_name: null,
      is_component: false,
      last_tested_version: '1.10.2',
      tags: [],
      data: { nodes: [], edges: [], viewport: { x: 0, y: 0, zoom: 1 } },
    };
  }

  id(id: string): this {
    this.#file.id = id;
    return this;
  }

  endpoint(name: string): this {
    this.#file.endpoint_name = name;
    return this;
  }

  chatInput(fields: NodeOptions['fields'] = {}): this {
    return this.#step('ChatInput', { fields }, undefined, 'message');
  }

  /** A prompt; the step before fills its first variable. One without variables becomes the next model's system message. */
  prompt(template: string, fields: NodeOptions['fields'] = {}): this {
    const variables = [...template.matchAll(/(?<!\{)\{(\w+)\}(?!\})/g)].map((match) => match[1] as string);
    const values = Object.fromEntries(variables.map((variable) => [variable, '']));
    const ports = variables.map((variable) => [variable, { input_types: ['Message'] }]);
    const options = { fields: { ...values, ...fields, template }, template: Object.fromEntries(ports) };
    if (variables[0] !== undefined) return this.#step('Prompt', options, variables[0], 'prompt');
    this.node('Prompt', options);
    this.#system = this.#newest().id;
    return this;
  }

  model(fields: NodeOptions['fields'] = {}): this {
    this.#step('LanguageModelComponent', { fields }, 'input_value', 'text_output');
    if (this.#system !== undefined) this.edge(this.#system, 'prompt', this.#newest().id, 'system_message');
    this.#system = undefined;
    return this;
  }

  chatOutput(fields: NodeOptions['fields'] = {}): this {
    return this.#step('ChatOutput', { fields }, 'input_value', 'message');
  }

  /** Adds a node that is wired to nothing. `shape` is a component's spec, or the name of a type. */
  node(shape: string | NodeShape, options: NodeOptions = {}): this {
    this.#file.data.nodes.push(makeNode(shape, options, this.#file.data.nodes.length));
    return this;
  }

  /** Adds an edge. A node or port that does not exist is allowed, since some tests need that. */
  edge(from: string, output: string, to: string, field: string): this {
    const { nodes, edges } = this.#file.data;
    edges.push(
      makeEdge(
        { id: from, name: output, node: nodes.find(({ id }) => id === from) },
        { id: to, name: field, node: nodes.find(({ id }) => id === to) },
      ),
    );
    return this;
  }

  /** The file; each call returns a new copy. */
  build(): FlowFile {
    return structuredClone(this.#file);
  }

  #step(type: string, options: NodeOptions, input: string | undefined, output: string): this {
    this.node(type, options);
    const { id } = this.#newest();
    if (this.#last && input !== undefined) this.edge(this.#last.id, this.#last.output, id, input);
    this.#last = { id, output };
    return this;
  }

  #newest(): FlowNode {
    return this.#file.data.nodes.at(-1) as FlowNode;
  }
}
