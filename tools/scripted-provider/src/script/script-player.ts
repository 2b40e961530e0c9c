import type { ChatRequest } from '../chat/chat-request.js';
import { sinceLastUser, textOf } from '../chat/conversation.js';
import type { Script, ScriptReply, ScriptRule } from './script.js';

/** Most characters of a message on which an expression is tried. */
const MAX_MATCHED_TEXT = 20_000;

/** The parts of a request that a rule checks. */
export interface Heard {
  readonly endpoint: 'chat' | 'embeddings';
  readonly model: string;
  /** For embeddings: the inputs, each as a message. */
  readonly messages: ChatRequest['messages'];
  readonly tools: ChatRequest['tools'];
}

/** The rule that answers a request. */
export interface Cue {
  /** Its name, or its place: `rules[0]`. */
  readonly name: string;
  readonly reply: ScriptReply;
}

interface PlayedRule {
  readonly rule: ScriptRule;
  readonly name: string;
  readonly regex: RegExp | undefined;
  met: number;
  answered: number;
}

/** A script being played: it counts how often each rule was met and answered. */
export class ScriptPlayer {
  private readonly played: readonly PlayedRule[];

  constructor(script: Script) {
    this.played = script.rules.map((rule, index) => ({
      rule,
      name: rule.name ?? `rules[${index}]`,
      regex: regexOf(rule.when.messageMatches),
      met: 0,
      answered: 0,
    }));
  }

  get size(): number {
    return this.played.length;
  }

  /** The first rule that fits, whose count of answers is increased; undefined when the default answers. */
  next(heard: Heard): Cue | undefined {
    for (const played of this.played) {
      if (!isMet(played, heard)) continue;
      played.met += 1;
      const { nth } = played.rule.when;
      if (nth !== undefined && nth !== played.met) continue;
      if (played.answered >= (played.rule.times ?? Infinity)) continue;
      played.answered += 1;
      return { name: played.name, reply: played.rule.reply };
    }
    return undefined;
  }
}

function isMet({ rule: { when }, regex }: PlayedRule, heard: Heard): boolean {
  if (when.endpoint !== heard.endpoint) return false;
  if (when.model !== undefined && when.model !== heard.model) return false;
  const { lastMessageContains, messageMatches, toolsOffered, hasToolResult } = when;
  if (lastMessageContains !== undefined && !textOf(heard.messages.at(-1)).includes(lastMessageContains))
    return false;
  if (regex !== undefined) {
    if (!heard.messages.some((message) => regex.test(textOf(message).slice(0, MAX_MATCHED_TEXT))))
      return false;
  } else if (typeof messageMatches === 'string') {
    if (!heard.messages.some((message) => textOf(message).includes(messageMatches))) return false;
  }
  if (toolsOffered !== undefined && !areOffered(toolsOffered, heard.tools ?? [])) return false;
  return (
    hasToolResult === undefined ||
    hasToolResult === sinceLastUser(heard.messages).some((message) => message.role === 'tool')
  );
}

function areOffered(wanted: boolean | readonly string[], tools: NonNullable<ChatRequest['tools']>): boolean {
  if (typeof wanted === 'boolean') return wanted === tools.length > 0;
  return wanted.every((name) => tools.some((tool) => tool.function.name === name));
}

function regexOf(match: ScriptRule['when']['messageMatches']): RegExp | undefined {
  return typeof match === 'object' ? new RegExp(match.regex, 'u') : undefined;
}
