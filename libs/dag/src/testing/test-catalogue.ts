import type { Catalogue } from '../catalogue.js';
import type { ComponentSpec, FieldSpec, OutputSpec } from '../component-spec.js';
import { componentClass } from '../component-type.js';

/** A few components of each role for tests and the simulator; the real catalogue is in another package. */
export const testCatalogue: Catalogue = {
  find: (type) => byName.get(componentClass(type)),
  isOfLangflow: (type) => type === 'OfLangflow' || byName.has(type),
};

function field(name: string, more: Partial<FieldSpec> = {}): FieldSpec {
  return { name, displayName: name, type: 'str', inputTypes: ['Message', 'Data', 'Text'], ...more };
}

function output(name: string, types: readonly string[], more: Partial<OutputSpec> = {}): OutputSpec {
  return { name, displayName: name, types, method: `make_${name}`, kind: 'value', ...more };
}

function component(type: string, more: Partial<ComponentSpec>): ComponentSpec {
  return {
    type,
    aliases: [],
    displayName: type,
    description: '',
    category: 'test',
    role: 'plain',
    effects: 'none',
    fields: [field('input_value')],
    outputs: [output('text', ['Message'])],
    ...more,
  };
}

const session = field('session_id', { inputTypes: ['Message'] });

const specs: readonly ComponentSpec[] = [
  component('ChatInput', {
    role: 'input',
    fields: [field('input_value', { inputTypes: [] }), session],
    outputs: [output('message', ['Message'])],
  }),
  component('TextInput', { role: 'input' }),
  component('Webhook', {
    role: 'input',
    fields: [field('data')],
    outputs: [output('output_data', ['Data'])],
  }),
  component('ChatOutput', {
    role: 'output',
    fields: [field('input_value', { inputTypes: ['Data', 'DataFrame', 'Message'], required: true }), session],
    outputs: [output('message', ['Message'])],
  }),
  component('TextOutput', { role: 'output' }),
  component('Prompt', {
    aliases: ['Prompt Template'],
    openFields: true,
    fields: [field('template', { type: 'prompt', inputTypes: [] })],
    outputs: [output('prompt', ['Message'])],
  }),
  component('LanguageModelComponent', {
    fields: [
      field('input_value'),
      field('system_message'),
      field('api_key', { password: true, loadFromDb: true, default: 'OPENAI_API_KEY' }),
      field('options', { type: 'dict', default: {} }),
      field('extra', { type: 'NestedDict', default: {} }),
      field('path', { type: 'file', default: '' }),
      field('server', { type: 'mcp', default: {} }),
      field('stream', { type: 'bool', default: false }),
    ],
    outputs: [
      output('text_output', ['Message']),
      output('model_output', ['LanguageModel'], { kind: 'handle' }),
    ],
    ignoredFields: ['old_setting'],
  }),
  component('Agent', {
    fields: [field('input_value'), field('tools', { type: 'tools', list: true, inputTypes: ['Tool'] })],
    outputs: [output('response', ['Message']), output('structured_response', ['Data'])],
  }),
  component('Calculator', {
    fields: [field('expression', { toolMode: true, required: true })],
    outputs: [output('result', ['Data']), output('hidden', ['Data'], { toolMode: false })],
  }),
  component('Step', {
    aliases: ['StepComponent'],
    fields: [field('a', { formerNames: ['first'] }), field('b'), field('c'), field('all', { list: true })],
  }),
  component('Strict', {
    partialOutputs: false,
    outputs: [output('one', ['Message']), output('two', ['Message'])],
  }),
  component('ConditionalRouter', {
    role: 'router',
    fields: [
      field('input_text', { required: true }),
      field('other'),
      field('default_route', { inputTypes: [], default: 'true_result' }),
    ],
    outputs: [output('true_result', ['Message']), output('false_result', ['Message'])],
  }),
  component('SmartRouter', {
    role: 'router',
    fields: [field('input_text'), field('other')],
    outputs: [1, 2, 3].map((number) => output(`category_${number}_result`, ['Message'])),
  }),
  component('LoopComponent', {
    role: 'loop',
    fields: [field('data', { type: 'other', inputTypes: ['DataFrame', 'Data', 'Message'] })],
    outputs: [output('item', ['Data'], { allowsLoop: true }), output('done', ['DataFrame', 'Data'])],
  }),
];

const byName = new Map(specs.flatMap((spec) => [spec.type, ...spec.aliases].map((name) => [name, spec])));
