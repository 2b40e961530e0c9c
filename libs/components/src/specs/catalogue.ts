import { type Catalogue, type ComponentSpec, componentClass } from '@causeway/dag';
import { checkNode } from '../checks/check-node.js';
import { agentSpec } from './models-and-agents/agent.js';
import { apiRequestSpec } from './data-source/api-request.js';
import { calculatorSpec } from './utilities/calculator.js';
import { chatInputSpec } from './input-output/chat-input.js';
import { chatOutputSpec } from './input-output/chat-output.js';
import { conditionalRouterSpec } from './flow-controls/conditional-router.js';
import { fileSpec } from './files-and-knowledge/file.js';
import { isTypeOfLangflow } from './langflow-types.js';
import { languageModelSpec } from './models-and-agents/language-model.js';
import { loopSpec } from './flow-controls/loop.js';
import { memorySpec } from './models-and-agents/memory.js';
import { messageToDataSpec } from './processing/message-to-data.js';
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
import { parseDataFrameSpec } from './processing/parse-data-frame.js';
import { parseDataSpec } from './processing/parse-data.js';
import { parserSpec } from './processing/parser.js';
import { passSpec } from './flow-controls/pass.js';
import { promptSpec } from './models-and-agents/prompt.js';
import { storeMessageSpec } from './models-and-agents/store-message.js';
import { structuredOutputSpec } from './llm-operations/structured-output.js';
import { textInputSpec } from './input-output/text-input.js';
import { textOutputSpec } from './input-output/text-output.js';
import { typeConverterSpec } from './processing/type-converter.js';
import { urlSpec } from './data-source/url.js';
import { webhookSpec } from './data-source/webhook.js';

/** Every component that can run. For a new one add a line here and one in `runtime/registry.ts`. */
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

/** Finds a type by its name or by any name that exports of Langflow 1.0 to 1.13 use for it. */
export const catalogue: Catalogue = {
  find: (type) => byName.get(type) ?? byName.get(componentClass(type)),
  check: checkNode,
  isOfLangflow: (type) => isTypeOfLangflow(componentClass(type)),
};

/**
 * Adds what Langflow adds to the template of any node: the table of its tools in tool mode, and its place in the
 * editor.
 */
function withEditorFields(spec: ComponentSpec): ComponentSpec {
  return {
    ...spec,
    fields: [...spec.fields, { name: 'tools_metadata', displayName: 'Actions', type: 'tools', default: [] }],
    ignoredFields: [
      ...new Set([...(spec.ignoredFields ?? []), '_frontend_node_flow_id', '_frontend_node_folder_id']),
    ],
  };
}
