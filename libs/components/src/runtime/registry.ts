import { catalogue } from '../specs/catalogue.js';
import type { ComponentRuntime } from './component.js';

/**
 * One line per component. Each is imported when its first node runs, so an executor that never runs a model never loads
 * LangChain.
 */
const loaders: ReadonlyMap<string, () => Promise<ComponentRuntime>> = new Map<
  string,
  () => Promise<ComponentRuntime>
>([
  ['Agent', async () => (await import('./agent/agent-node.js')).agent],
  model('AIMLModel', 'aiml'),
  model('AnthropicModel', 'anthropic'),
  ['APIRequest', async () => (await import('./web/api-request.js')).apiRequest],
  ['CalculatorComponent', async () => (await import('./calculator/calculator.js')).calculator],
  ['ChatInput', async () => (await import('./chat/chat-input.js')).chatInput],
  ['ChatOutput', async () => (await import('./chat/chat-output.js')).chatOutput],
  model('CometAPIModel', 'cometapi'),
  ['ConditionalRouter', async () => (await import('./control/conditional-router.js')).conditionalRouter],
  model('DeepSeekModelComponent', 'deepseek'),
  ['File', async () => (await import('./files/file.js')).file],
  model('GoogleGenerativeAIModel', 'google'),
  model('GroqModel', 'groq'),
  model('LanguageModelComponent'),
  model('LiteLLMProxyModel', 'openai_compatible'),
  model('LMStudioModel', 'lmstudio'),
  ['LoopComponent', async () => (await import('./control/loop.js')).loop],
  ['Memory', async () => (await import('./chat/memory.js')).memory],
  ['MessagetoData', async () => (await import('./text/message-to-data.js')).messageToData],
  model('MistralModel', 'mistral'),
  model('NovitaModel', 'novita'),
  model('NVIDIAModelComponent', 'nvidia'),
  model('OllamaModel', 'ollama'),
  model('OpenAIModel', 'openai'),
  model('OpenRouterComponent', 'openrouter'),
  ['ParseData', async () => (await import('./text/parse-data.js')).parseData],
  ['ParseDataFrame', async () => (await import('./text/parse-data-frame.js')).parseDataFrame],
  ['ParserComponent', async () => (await import('./text/parser.js')).parser],
  ['Pass', async () => (await import('./control/pass.js')).pass],
  model('PerplexityModel', 'perplexity'),
  ['Prompt', async () => (await import('./text/prompt.js')).prompt],
  model('SambaNovaModel', 'sambanova'),
  ['StoreMessage', async () => (await import('./chat/store-message.js')).storeMessage],
  ['StructuredOutput', async () => (await import('./models/structured-output-node.js')).structuredOutput],
  ['TextInput', async () => (await import('./text/text-input.js')).textInput],
  ['TextOutput', async () => (await import('./text/text-output.js')).textOutput],
  ['TypeConverterComponent', async () => (await import('./text/type-converter.js')).typeConverter],
  ['URLComponent', async () => (await import('./web/url.js')).url],
  model('vLLMModel', 'openai_compatible'),
  ['Webhook', async () => (await import('./web/webhook.js')).webhook],
  model('xAIModel', 'xai'),
]);

/** @param provider  the one whose models the component is for; by default a node names its own */
function model(type: string, provider?: string): [string, () => Promise<ComponentRuntime>] {
  return [type, async () => (await import('./models/language-model-node.js')).modelNode(type, provider)];
}

/** The types that can run, as the catalogue names them. */
export const runtimeTypes: readonly string[] = [...loaders.keys()];

/** The runtime of a type or an alias; undefined when there is none. */
export async function findRuntime(type: string): Promise<ComponentRuntime | undefined> {
  return loaders.get(catalogue.find(type)?.type ?? type)?.();
}
