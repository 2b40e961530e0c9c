export { CALL_LOG_LIMITS } from './calls/call-log.js';
export { CallOutcome, type CallRecord } from './calls/call-record.js';
export { schemaInstance } from './instance/schema-instance.js';
export { parseScript, type Script, ScriptError, type ScriptInput } from './script/script.js';
export {
  type ScriptedProvider,
  type ScriptedProviderOptions,
  startScriptedProvider,
} from './start-scripted-provider.js';
