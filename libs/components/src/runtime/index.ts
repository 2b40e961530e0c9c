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
  StepCall,
  StoredMessage,
  TokenUsage,
} from './component.js';
export type { GuardedHttpClient, GuardedHttpSettings } from './guarded-http.js';
export { createGuardedHttp } from './guarded-http.js';
export { findRuntime, runtimeTypes } from './registry.js';
