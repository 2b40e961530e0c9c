import type { Json, JsonObject } from '@causeway/dag';
import { catalogue } from '../../specs/catalogue.js';
import type { MessageValue } from '../../specs/values.js';
import type { ComponentContext, TokenUsage } from '../component.js';
import type { CutReason } from './conversation.js';
import type { LanguageModel } from './language-model.js';

/**
 * A model's answer as the message that a node gives: with its source, its tokens, and why its end may be missing.
 */
export function modelMessage(
  context: ComponentContext,
  model: LanguageModel,
  text: string,
  rest: {
    usage?: TokenUsage | undefined;
    finishReason?: CutReason | undefined;
    contentBlocks?: readonly Json[];
  } = {},
): MessageValue {
  const icon = catalogue.find(context.node.type)?.icon;
  const { usage, finishReason, contentBlocks } = rest;
  const properties: JsonObject = {
    source: { id: context.node.id, display_name: context.node.displayName, source: model.name },
    ...(icon === undefined ? {} : { icon }),
    state: 'complete',
    ...(finishReason === undefined ? {} : { finish_reason: finishReason }),
    ...(usage === undefined
      ? {}
      : {
          usage: {
            input_tokens: usage.input,
            output_tokens: usage.output,
            total_tokens: usage.input + usage.output,
          },
        }),
  };
  return {
    kind: 'message',
    text,
    sender: 'Machine',
    senderName: 'AI',
    sessionId: context.sessionId,
    properties,
    ...(contentBlocks === undefined ? {} : { contentBlocks }),
  };
}
