import type { Json, JsonObject } from '@causeway/dag';
import type { AgentOutcome, ToolUse } from './agent-loop.js';

/** What an agent did, as the content block that Langflow's chat shows. */
export function agentSteps(input: string, { text, toolUses }: AgentOutcome): JsonObject {
  return {
    title: 'Agent Steps',
    contents: [textContent('Input', input), ...toolUses.map(toolContent), textContent('Output', text)],
    allow_markdown: true,
    media_url: null,
  };
}

function textContent(title: string, text: string): Json {
  return { type: 'text', duration: null, header: { title, icon: 'MessageSquare' }, text };
}

function toolContent({ name, input, output, error, durationMs }: ToolUse): Json {
  const title = error === null ? `Executed **${name}**` : `Error using **${name}**`;
  return {
    type: 'tool_use',
    duration: durationMs,
    header: { title, icon: 'Hammer' },
    name,
    tool_input: input,
    output,
    error,
  };
}
