import { catalogue } from '@causeway/components/specs';
import { type FlowBuilder, type FlowFile, type NodeShape, aFlow } from '@causeway/testing';

/** A component as the catalogue declares it, for nodes of the flows here. */
export function shapeOf(type: string): NodeShape {
  const spec = catalogue.find(type);
  if (!spec) throw new Error(`the catalogue has no ${type}`);
  return spec;
}

/** ChatInput → Prompt → model → ChatOutput. */
export function chatFlow(name = 'Chat'): FlowFile {
  return aFlow(name).chatInput().prompt('Answer {question}').model().chatOutput().build();
}

/** The chat flow with a model of OpenAI and a key on the node. */
export function openAiFlow(apiKey: string, name = 'OpenAI'): FlowFile {
  const model = [{ name: 'gpt-4.1-mini', provider: 'OpenAI' }];
  return aFlow(name)
    .chatInput()
    .prompt('Answer {question}')
    .model({ model, api_key: apiKey })
    .chatOutput()
    .build();
}

/** ChatInput → ChatOutput: repeats its input. */
export function echoFlow(name = 'Echo'): FlowFile {
  return aFlow(name).chatInput().chatOutput().build();
}

/** Five nodes, three of them models one after the other: each repeats the answer of the previous one. */
export function chainFlow(name = 'Chain'): FlowFile {
  return aFlow(name).chatInput().model().model().model().chatOutput().build();
}

/** ChatInput → Agent → ChatOutput, with one component as the agent's tool. */
export function agentFlow(tool: string, name = 'Agent'): FlowFile {
  return aFlow(name)
    .node('ChatInput', { id: 'ChatInput-1' })
    .node(shapeOf('Agent'), { id: 'Agent-1', fields: { add_current_date_tool: false } })
    .node(shapeOf(tool), {
      id: 'Tool-1',
      node: { tool_mode: true },
      outputs: [
        { name: 'component_as_tool', display_name: 'Toolset', types: ['Tool'], method: 'to_toolkit' },
      ],
    })
    .node('ChatOutput', { id: 'ChatOutput-1' })
    .edge('ChatInput-1', 'message', 'Agent-1', 'input_value')
    .edge('Tool-1', 'component_as_tool', 'Agent-1', 'tools')
    .edge('Agent-1', 'response', 'ChatOutput-1', 'input_value')
    .build();
}

/** Webhook → ChatOutput: answers with the body. */
export function webhookFlow(name = 'Webhook'): FlowFile {
  return aFlow(name)
    .node(shapeOf('Webhook'), { id: 'Webhook-1' })
    .node('ChatOutput', { id: 'ChatOutput-1' })
    .edge('Webhook-1', 'output_data', 'ChatOutput-1', 'input_value')
    .build();
}

/** Memory and ChatInput → Prompt → model → ChatOutput: the model receives the session's history. */
export function memoryFlow(name = 'Memory'): FlowFile {
  return aFlow(name)
    .node('ChatInput', { id: 'ChatInput-1' })
    .node(shapeOf('Memory'), { id: 'Memory-1' })
    .node('Prompt', {
      id: 'Prompt-1',
      fields: { template: 'Before: {history}\nNow: {question}', history: '', question: '' },
      template: { history: { input_types: ['Message'] }, question: { input_types: ['Message'] } },
    })
    .node('LanguageModelComponent', { id: 'Model-1' })
    .node('ChatOutput', { id: 'ChatOutput-1' })
    .edge('Memory-1', 'messages_text', 'Prompt-1', 'history')
    .edge('ChatInput-1', 'message', 'Prompt-1', 'question')
    .edge('Prompt-1', 'prompt', 'Model-1', 'input_value')
    .edge('Model-1', 'text_output', 'ChatOutput-1', 'input_value')
    .build();
}

/** TextInput, whose value is the variable of that name → ChatOutput. */
export function variableFlow(variable: string, name = 'Variable'): FlowFile {
  return fromText(aFlow(name), {
    fields: { input_value: variable },
    template: { input_value: { load_from_db: true } },
  });
}

function fromText(builder: FlowBuilder, options: Parameters<FlowBuilder['node']>[1]): FlowFile {
  return builder
    .node(shapeOf('TextInput'), { ...options, id: 'TextInput-1' })
    .node('ChatOutput', { id: 'ChatOutput-1' })
    .edge('TextInput-1', 'text', 'ChatOutput-1', 'input_value')
    .build();
}
