import type { ToolOffer } from '../conversation.js';
import type { OpenAITool } from './client-options.js';

/** Tools in OpenAI's form, which each of LangChain's models takes. */
export function offeredTools(tools: readonly ToolOffer[]): OpenAITool[] {
  return tools.map(({ name, description, parameters }) => ({
    type: 'function',
    function: { name, description, parameters },
  }));
}
