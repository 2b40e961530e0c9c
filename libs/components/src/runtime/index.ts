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
export { createGuardedHttp } from './guarded-http.js';
export { runNode } from './agent/run-node.js';
export { warmUpModels } from './models/language-model.js';
export { closeProviderConnections } from './models/transport.js';
export { findRuntime, runtimeTypes } from './registry.js';
