export type {
  ChatHistory,
  ComponentContext,
  ComponentResult,
  ComponentRuntime,
  FieldInput,
  FileReader,
  GuardedHttp,
  Handle,
  ModelSettings,
  StepAnswer,
  StepAttempt,
  StepCall,
  StoredMessage,
  TokenUsage,
} from './component.js';
export type { GuardedHttpClient, GuardedHttpSettings } from './guarded-http.js';
export type { RunSecretsOptions } from './secrets/run-secrets.js';
export type { Secret } from './secrets/secret.js';
export { RunSecrets, noSecrets } from './secrets/run-secrets.js';
export { literalOriginSteps, literalOrigins } from './secrets/literal-origins.js';
export { literalSecretSteps, literalSecrets } from './secrets/literal-secrets.js';
export { createGuardedHttp } from './guarded-http.js';
export { runNode } from './agent/run-node.js';
export { warmUpModels } from './models/language-model.js';
export { providersOfKey } from './models/providers/providers.js';
export { closeProviderConnections } from './models/providers/transport.js';
export { findRuntime, runtimeTypes } from './registry.js';
