export type { DataValue, MessageValue, PlainValue, TableValue, Value } from './values.js';
export { catalogue, specs } from './catalogue.js';
export type { PromptTemplate, PromptVariables } from './prompt-template.js';
export { parsePromptTemplate, promptVariables } from './prompt-template.js';
export type { MessageRun } from './message-shape.js';
export { messageFrame, messageObject } from './message-shape.js';
