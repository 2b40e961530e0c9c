import { z } from 'zod';

const MAX_RULES = 1_000;
const MAX_PATTERN_LENGTH = 200;
const MAX_WAIT_MS = 3_600_000;

const waitMs = z.int().min(0).max(MAX_WAIT_MS);
const count = z.int().min(0);

const pattern = z.strictObject({
  regex: z
    .string()
    .min(1)
    .max(MAX_PATTERN_LENGTH)
    .refine((source) => isRegex(source), 'is not a valid regular expression'),
});

const condition = z.strictObject({
  /** The endpoint of the rule. */
  endpoint: z.enum(['chat', 'embeddings']).default('chat'),
  model: z.string().optional(),
  lastMessageContains: z.string().min(1).optional(),
  /** A plain substring, or `{regex}`, looked for in every message. */
  messageMatches: z.union([z.string().min(1), pattern]).optional(),
  /** Whether tools are offered at all, or names that must all be among them. */
  toolsOffered: z.union([z.boolean(), z.array(z.string()).min(1)]).optional(),
  /** Only the n-th request (from 1) that meets the rest of the condition. */
  nth: z.int().min(1).optional(),
  /** Whether a tool has answered since the user's last message. */
  hasToolResult: z.boolean().optional(),
});

const reply = z
  .strictObject({
    text: z.string().optional(),
    json: z.unknown().optional(),
    chunks: z.array(z.string()).optional(),
    toolCalls: z
      .array(z.strictObject({ name: z.string().min(1), args: z.unknown().optional() }))
      .min(1)
      .optional(),
    toolsTogether: z.literal(true).optional(),
    finishReason: z.enum(['stop', 'length', 'tool_calls', 'content_filter']).optional(),
    usage: z.strictObject({ promptTokens: count, completionTokens: count }).nullable().optional(),

    status: z.int().min(200).max(599).optional(),
    errorMessage: z.string().optional(),
    errorCode: z.string().optional(),
    retryAfterSeconds: z.number().min(0).optional(),
    rawBody: z.string().optional(),
    contentType: z
      .string()
      .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')
      .optional(),

    delayMs: waitMs.optional(),
    chunkDelayMs: waitMs.optional(),
    hang: z.literal(true).optional(),
    hangAfterChunks: count.optional(),
    cutAfterChunks: count.optional(),
    malformedStream: z.literal(true).optional(),
  })
  .superRefine((value, context) => {
    for (const message of conflictsOf(value)) context.addIssue({ code: 'custom', message });
  });

const rule = z
  .strictObject({
    /** The rule's name in the log; otherwise its place in the list is used. */
    name: z.string().min(1).max(100).optional(),
    when: condition.prefault({}),
    /** How many requests the rule answers before it is skipped; no limit when absent. */
    times: z.int().min(1).optional(),
    reply,
  })
  .superRefine(({ when, reply: { delayMs: _delay, ...rest } }, context) => {
    const spoken = Object.keys(rest).find((key) => CHAT_ONLY.has(key));
    if (when.endpoint === 'chat' || spoken === undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['reply', spoken],
      message: 'is for chat; embeddings know only waits and errors',
    });
  });

const script = z.strictObject({ rules: z.array(rule).max(MAX_RULES) });

/** The rules of the provider's answers: the first one that fits is used. */
export type Script = z.output<typeof script>;
export type ScriptRule = z.output<typeof rule>;
export type ScriptReply = z.output<typeof reply>;
/** A script in its input form: the rules, or an object that contains them. */
export type ScriptInput = z.input<typeof script> | z.input<typeof script>['rules'];

/** A script that can't be played; `problems` has one line for each problem, with its path. */
export class ScriptError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The script can't be played:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ScriptError';
  }
}

/** @throws ScriptError that names the path of every problem */
export function parseScript(input: unknown): Script {
  const parsed = script.safeParse(Array.isArray(input) ? { rules: input } : input);
  if (parsed.success) return parsed.data;
  throw new ScriptError(
    parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path) || 'script'}: ${message}`),
  );
}

const CONTENTS = ['text', 'json', 'chunks'] as const;
const CHAT_ONLY = new Set<string>([
  ...CONTENTS,
  'toolCalls',
  'toolsTogether',
  'finishReason',
  'usage',
  'chunkDelayMs',
  'hangAfterChunks',
  'cutAfterChunks',
  'malformedStream',
]);

function conflictsOf(value: z.output<typeof reply>): string[] {
  const set = (keys: readonly string[]): string[] =>
    Object.entries(value).flatMap(([key, part]) => (part !== undefined && keys.includes(key) ? [key] : []));
  const conflicts: string[] = [];
  const contents = set(CONTENTS);
  if (contents.length > 1) conflicts.push(`${contents.join(' and ')} exclude each other; keep one`);
  const spoken = [...contents, ...set(['toolCalls', 'toolsTogether'])];
  const endings = set(['status', 'rawBody', 'hang']).filter(
    (key) => key !== 'status' || value.rawBody === undefined,
  );
  if (endings.length > 1) conflicts.push(`${endings.join(' and ')} exclude each other; keep one`);
  if (endings.length > 0 && spoken.length > 0)
    conflicts.push(`${endings[0]} leaves no room for ${spoken.join(', ')}; drop one of them`);
  if (value.toolsTogether === true && spoken.length > 1)
    conflicts.push('toolsTogether shapes the default answer; drop it where the reply says what to answer');
  const cuts = set(['hangAfterChunks', 'cutAfterChunks', 'malformedStream']);
  if (cuts.length > 1) conflicts.push(`${cuts.join(' and ')} exclude each other; keep one`);
  if (value.status !== undefined && value.status < 400 && value.rawBody === undefined)
    conflicts.push('a status below 400 needs a rawBody');
  return conflicts;
}

function isRegex(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
