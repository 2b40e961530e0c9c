import type { Json, JsonObject } from '@causeway/dag';
import { CoerceError } from '../../../coerce/coerce-error.js';

/** Characters of all further parameters together, as JSON. */
const MOST_CHARACTERS = 20_000;

/**
 * Further members of a request that a node may set, with their names in OpenAI's protocol and in servers that implement
 * it. Each changes how the answer is written; none requests several answers, makes it longer than the limit, or changes
 * where the request is sent.
 */
const allowed: ReadonlySet<string> = wordsOf(`
  temperature top_p top_k min_p top_a typical_p seed random_seed stop stop_token_ids frequency_penalty
  presence_penalty repetition_penalty length_penalty min_tokens logit_bias response_format reasoning
  reasoning_effort reasoning_format include_reasoning thinking enable_thinking verbosity text modalities
  parallel_tool_calls tool_choice user metadata store service_tier safety_identifier prompt_cache_key
  prompt_cache_retention logprobs top_logprobs chat_template_kwargs guided_json guided_regex guided_choice
  guided_grammar skip_special_tokens ignore_eos include_stop_str_in_output safe_prompt prompt_mode
  search_parameters web_search_options search_domain_filter search_recency_filter search_mode return_images
  return_related_questions provider transforms usage keep_alive think format
`);

/** Members that this code sets itself, or that are no settings. */
const ours: ReadonlySet<string> = wordsOf(`
  api_key messages model stream stream_options tools max_tokens max_completion_tokens max_output_tokens
  extra_headers verbose
`);

/**
 * The part of a node's `model_kwargs` that is sent with its requests. Members that this code sets itself are left out.
 *
 * @throws CoerceError for a member that may not be set: a second answer costs as much as the first
 */
export function extraParameters(given: JsonObject): JsonObject {
  const body = given['extra_body'];
  const { extra_body: _inner, ...outer } = given;
  const all: JsonObject =
    typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...outer, ...body } : outer;
  const members = Object.entries(all).filter(([name, value]) => !ours.has(name) && !isOneAnswer(name, value));
  for (const [name] of members) {
    if (!allowed.has(name))
      throw new CoerceError(
        `holds ${JSON.stringify(name.slice(0, 40))}, which is not sent to a model here; leave it out`,
      );
  }
  const extra = Object.fromEntries(members);
  const { length } = JSON.stringify(extra);
  if (length > MOST_CHARACTERS)
    throw new CoerceError(`has ${length} characters of JSON; the limit is ${MOST_CHARACTERS}`);
  return extra;
}

function isOneAnswer(name: string, value: Json): boolean {
  return (name === 'n' || name === 'best_of') && (value === 1 || value === null);
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
