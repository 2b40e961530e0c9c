import { dataOf, messageOf, tableOf } from '../src/coerce/value.js';
import type { TestOptions } from '../src/runtime/test-options.js';

/** The servers that samples may call. */
export interface SampleServers {
  /** A model provider that gives a usable answer to anything. */
  readonly providerUrl: string;
  /** A web page. */
  readonly pageUrl: string;
}

/** A run of a component that gives every output; `byOutput` for outputs that need other settings. */
export interface SampleRun extends TestOptions {
  readonly byOutput?: Readonly<Record<string, TestOptions>>;
}

/**
 * One sensible run of each component, by type: what the suite over all components starts from. A new component is one
 * line here.
 */
export function sampleRuns({ providerUrl, pageUrl }: SampleServers): Readonly<Record<string, SampleRun>> {
  const models = { scriptedProviderUrl: providerUrl };
  const ask: SampleRun = { fields: { input_value: 'Hello' }, models };
  const rows = tableOf([{ text: 'a', n: 1 }]);
  return {
    Agent: ask,
    AIMLModel: ask,
    AnthropicModel: ask,
    APIRequest: { fields: { url_input: pageUrl } },
    CalculatorComponent: { fields: { expression: '1+1' } },
    ChatInput: { fields: { input_value: 'Hello' } },
    ChatOutput: { inputs: { input_value: messageOf('Hello') } },
    CometAPIModel: ask,
    ConditionalRouter: {
      fields: { input_text: 'a', match_text: 'a' },
      byOutput: { false_result: { fields: { input_text: 'a', match_text: 'b' } } },
    },
    DeepSeekModelComponent: ask,
    File: { files: { 't/a.json': '{"a":1}' }, fields: { path: ['t/a.json'] } },
    GoogleGenerativeAIModel: ask,
    GroqModel: ask,
    LanguageModelComponent: ask,
    LiteLLMProxyModel: ask,
    LMStudioModel: ask,
    LoopComponent: {
      inputs: { data: rows },
      outputs: ['item'],
      phase: 'open',
      byOutput: { done: { inputs: { item: [messageOf('a')] }, phase: 'close' } },
    },
    Memory: { fields: { message: 'keep' } },
    MessagetoData: { inputs: { message: messageOf('a') } },
    MistralModel: ask,
    NovitaModel: ask,
    NVIDIAModelComponent: ask,
    OllamaModel: ask,
    OpenAIModel: ask,
    OpenRouterComponent: ask,
    ParseData: { inputs: { data: dataOf({ text: 'a' }) } },
    ParseDataFrame: { inputs: { df: rows } },
    ParserComponent: { inputs: { input_data: rows } },
    Pass: { inputs: { input_message: messageOf('a') } },
    PerplexityModel: ask,
    Prompt: { fields: { template: '{name}', name: 'Ada' } },
    SambaNovaModel: ask,
    StoreMessage: { fields: { message: 'keep' } },
    StructuredOutput: ask,
    TextInput: { fields: { input_value: 'a' } },
    TextOutput: { fields: { input_value: 'a' } },
    TypeConverterComponent: { inputs: { input_data: messageOf('a') } },
    URLComponent: { fields: { urls: [pageUrl] } },
    vLLMModel: ask,
    Webhook: { fields: { data: '{"a":1}' } },
    xAIModel: ask,
  };
}
