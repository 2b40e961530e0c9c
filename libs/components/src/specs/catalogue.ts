import { type Catalogue, type ComponentSpec, componentClass } from '@causeway/dag';
import { checkNode } from '../checks/check-node.js';
import { agentSpec } from './agent.js';
import { apiRequestSpec } from './api-request.js';
import { calculatorSpec } from './calculator.js';
import { chatInputSpec } from './chat-input.js';
import { chatOutputSpec } from './chat-output.js';
import { conditionalRouterSpec } from './conditional-router.js';
import { fileSpec } from './file.js';
import { isTypeOfLangflow } from './langflow-types.js';
import { languageModelSpec } from './language-model.js';
import { loopSpec } from './loop.js';
import { memorySpec } from './memory.js';
import { messageToDataSpec } from './message-to-data.js';
import { anthropicModelSpec } from './models/anthropic.js';
import {
  aimlModelSpec,
  cometapiModelSpec,
  deepseekModelSpec,
  groqModelSpec,
  litellmModelSpec,
  lmstudioModelSpec,
  mistralModelSpec,
  novitaModelSpec,
  nvidiaModelSpec,
  openrouterModelSpec,
  perplexityModelSpec,
  sambanovaModelSpec,
  vllmModelSpec,
  xaiModelSpec,
} from './models/compatible.js';
import { googleModelSpec } from './models/google.js';
import { ollamaModelSpec } from './models/ollama.js';
import { openaiModelSpec } from './models/openai.js';
import { parseDataFrameSpec } from './parse-data-frame.js';
import { parseDataSpec } from './parse-data.js';
import { parserSpec } from './parser.js';
import { passSpec } from './pass.js';
import { promptSpec } from './prompt.js';
import { storeMessageSpec } from './store-message.js';
import { structuredOutputSpec } from './structured-output.js';
import { textInputSpec } from './text-input.js';
import { textOutputSpec } from './text-output.js';
import { typeConverterSpec } from './type-converter.js';
import { urlSpec } from './url.js';
import { webhookSpec } from './webhook.js';

/** Every component that can run. A new one is one line here and one in `runtime/registry.ts`. */
export const specs: readonly ComponentSpec[] = [
  chatInputSpec,
  chatOutputSpec,
  textInputSpec,
  textOutputSpec,
  webhookSpec,
  promptSpec,
  memorySpec,
  storeMessageSpec,
  parserSpec,
  parseDataSpec,
  parseDataFrameSpec,
  typeConverterSpec,
  messageToDataSpec,
  conditionalRouterSpec,
  loopSpec,
  passSpec,
  apiRequestSpec,
  urlSpec,
  fileSpec,
  calculatorSpec,
  languageModelSpec,
  agentSpec,
  structuredOutputSpec,
  openaiModelSpec,
  anthropicModelSpec,
  googleModelSpec,
  ollamaModelSpec,
  groqModelSpec,
  openrouterModelSpec,
  mistralModelSpec,
  lmstudioModelSpec,
  deepseekModelSpec,
  xaiModelSpec,
  nvidiaModelSpec,
  perplexityModelSpec,
  novitaModelSpec,
  sambanovaModelSpec,
  cometapiModelSpec,
  aimlModelSpec,
  vllmModelSpec,
  litellmModelSpec,
].map(withEditorFields);

const byName = new Map(specs.flatMap((spec) => [spec.type, ...spec.aliases].map((name) => [name, spec])));

/** Looks a type up by its name or by any name that exports of Langflow 1.0 to 1.13 use for it. */
export const catalogue: Catalogue = {
  find: (type) => byName.get(type) ?? byName.get(componentClass(type)),
  check: checkNode,
  isOfLangflow: (type) => isTypeOfLangflow(componentClass(type)),
};

/** What Langflow adds to the template of any node: the table of its tools in tool mode, and where the editor had it. */
function withEditorFields(spec: ComponentSpec): ComponentSpec {
  return {
    ...spec,
    fields: [...spec.fields, { name: 'tools_metadata', displayName: 'Actions', type: 'tools', default: [] }],
    ignoredFields: [
      ...new Set([...(spec.ignoredFields ?? []), '_frontend_node_flow_id', '_frontend_node_folder_id']),
    ],
  };
}
