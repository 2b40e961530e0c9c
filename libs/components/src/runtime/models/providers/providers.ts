/** The protocol of a provider. */
export type Protocol = 'openai' | 'anthropic' | 'google' | 'ollama';

/** A model provider: its names, its address, and its key's name. */
export interface Provider {
  /** As the platform's settings name it. */
  readonly id: string;
  /** As Langflow shows it. */
  readonly name: string;
  /** Other names in exports, in lower case without spaces, dashes and underscores. */
  readonly aliases: readonly string[];
  readonly protocol: Protocol;
  /** Undefined when only a node or the platform can name it. */
  readonly baseUrl: string | undefined;
  /** Variables that may hold its key, in this order. */
  readonly keyVariables: readonly string[];
  /** Variable that may hold its base URL. */
  readonly urlVariable?: string;
  /** Whether it answers without a key. */
  readonly keyOptional?: boolean;
  /** Beginnings of the names of its models, by which it is found when a flow names no provider. */
  readonly modelPrefixes?: readonly string[];
}

/** The providers whose models can be called. Those of protocol `openai` differ only in address and key. */
export const providers: readonly Provider[] = [
  {
    id: 'openai',
    name: 'OpenAI',
    aliases: ['chatopenai'],
    protocol: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    keyVariables: ['OPENAI_API_KEY'],
    urlVariable: 'OPENAI_BASE_URL',
    modelPrefixes: ['gpt-', 'chatgpt-', 'o1', 'o3', 'o4'],
  },
  {
    id: 'anthropic',
    name: 'Anthropic',
    aliases: ['chatanthropic'],
    protocol: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    keyVariables: ['ANTHROPIC_API_KEY'],
    modelPrefixes: ['claude-'],
  },
  {
    id: 'google',
    name: 'Google Generative AI',
    aliases: ['googlegenai', 'gemini'],
    protocol: 'google',
    baseUrl: 'https://generativelanguage.googleapis.com',
    keyVariables: ['GOOGLE_API_KEY', 'GEMINI_API_KEY'],
    modelPrefixes: ['gemini-', 'models/gemini-', 'learnlm-'],
  },
  {
    id: 'ollama',
    name: 'Ollama',
    aliases: ['chatollama'],
    protocol: 'ollama',
    baseUrl: 'http://localhost:11434',
    keyVariables: ['OLLAMA_API_KEY'],
    urlVariable: 'OLLAMA_BASE_URL',
    keyOptional: true,
  },
  compatible('groq', 'Groq', 'https://api.groq.com/openai/v1'),
  compatible('openrouter', 'OpenRouter', 'https://openrouter.ai/api/v1'),
  compatible('mistral', 'Mistral', 'https://api.mistral.ai/v1', { aliases: ['mistralai'] }),
  compatible('deepseek', 'DeepSeek', 'https://api.deepseek.com/v1'),
  compatible('xai', 'xAI', 'https://api.x.ai/v1', { aliases: ['grok'] }),
  compatible('nvidia', 'NVIDIA', 'https://integrate.api.nvidia.com/v1'),
  compatible('lmstudio', 'LM Studio', 'http://localhost:1234/v1', { keyOptional: true }),
  compatible('perplexity', 'Perplexity', 'https://api.perplexity.ai'),
  compatible('novita', 'Novita AI', 'https://api.novita.ai/v3/openai', { aliases: ['novita'] }),
  compatible('sambanova', 'SambaNova', 'https://api.sambanova.ai/v1'),
  compatible('cometapi', 'CometAPI', 'https://api.cometapi.com/v1', { keyVariables: ['COMETAPI_KEY'] }),
  compatible('aiml', 'AI/ML API', 'https://api.aimlapi.com/v2'),
  compatible('openai_compatible', 'OpenAI compatible', undefined, {
    aliases: ['vllm', 'litellm'],
    keyOptional: true,
  }),
];

const byName = new Map(
  providers.flatMap((provider) =>
    [provider.id, provider.name, ...provider.aliases].map((name) => [plain(name), provider] as const),
  ),
);

/** The provider that a flow or a setting names. */
export function findProvider(name: string): Provider | undefined {
  return byName.get(plain(name));
}

/** The provider of a bare model name, by the beginnings of its models' names. */
export function providerOfModel(model: string): Provider | undefined {
  const name = model.toLowerCase();
  return providers.find(({ modelPrefixes }) => modelPrefixes?.some((prefix) => name.startsWith(prefix)));
}

/** Ids of the providers whose key is in a variable of this name. */
export function providersOfKey(variable: string): readonly string[] {
  return providers.filter(({ keyVariables }) => keyVariables.includes(variable)).map(({ id }) => id);
}

/** The supported providers, for an error. */
export const supportedProviders = providers.map(({ name }) => name).join(', ');

function compatible(
  id: string,
  name: string,
  baseUrl: string | undefined,
  rest: Partial<Pick<Provider, 'aliases' | 'keyOptional' | 'keyVariables'>> = {},
): Provider {
  const keyVariables = baseUrl === undefined ? [] : [`${id.toUpperCase()}_API_KEY`];
  return { id, name, aliases: [], protocol: 'openai', baseUrl, keyVariables, ...rest };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}
