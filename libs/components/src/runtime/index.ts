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
export { findRuntime, runtimeTypes } from './registry.js';
