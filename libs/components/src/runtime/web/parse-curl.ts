import { maxCommandLength, shellWords } from '@causeway/dag';
import { CoerceError } from '../../coerce/coerce-error.js';

/** The request of a curl command. */
export interface CurlRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Supported options that have a value. */
const valueOptions: Readonly<Record<string, string>> = {
  '-X': 'request',
  '--request': 'request',
  '-H': 'header',
  '--header': 'header',
  '-d': 'data',
  '--data': 'data',
  '--data-ascii': 'data',
  '--data-binary': 'data',
  '--data-raw': 'raw',
  '--data-urlencode': 'encoded',
  '--json': 'json',
  '-u': 'user',
  '--user': 'user',
  '-b': 'cookie',
  '--cookie': 'cookie',
  '-A': 'agent',
  '--user-agent': 'agent',
  '-e': 'referer',
  '--referer': 'referer',
  '--url': 'url',
};

/** Options without a value; those that only change what curl prints are ignored. */
const flagOptions: Readonly<Record<string, string>> = {
  '-G': 'get',
  '--get': 'get',
  '-I': 'head',
  '--head': 'head',
  ...Object.fromEntries(
    ['-L', '--location', '-s', '--silent', '-S', '--show-error', '-i', '--include', '-v', '--verbose'].map(
      none,
    ),
  ),
  ...Object.fromEntries(
    ['--compressed', '-#', '--progress-bar', '-f', '--fail', '-g', '--globoff'].map(none),
  ),
  ...Object.fromEntries(['--http1.1', '--http2', '-N', '--no-buffer'].map(none)),
};

function none(option: string): [string, string] {
  return [option, 'none'];
}

/**
 * Reads a curl command: method, URL, headers, data, user, cookies.
 *
 * @throws CoerceError for a text that is no curl command, and naming each option that is not supported here
 */
export function parseCurl(command: string): CurlRequest {
  const words = wordsOf(command);
  if (words[0] !== 'curl') throw new CoerceError('is no curl command; it must begin with curl');
  const given: [string, string][] = [];
  for (let at = 1; at < words.length; at += 1) {
    const [kind, value, step] = readOption(words, at);
    given.push([kind, value]);
    at += step;
  }
  return requestOf(given);
}

/** Kind and value of the option at a position, and how many further words it uses. */
function readOption(words: readonly string[], at: number): [kind: string, value: string, step: number] {
  const word = words[at] as string;
  if (!word.startsWith('-') || word === '-') return ['url', word, 0];
  const [name, inline] = splitOption(word);
  if (Object.hasOwn(flagOptions, name) && inline === undefined) return [flagOptions[name] as string, '', 0];
  const kind = Object.hasOwn(valueOptions, name) ? (valueOptions[name] as string) : undefined;
  if (kind === undefined)
    throw new CoerceError(`has the curl option ${name}, which is not supported here; remove it`);
  if (inline !== undefined) return [kind, inline, 0];
  const value = words[at + 1];
  if (value === undefined) throw new CoerceError(`has the curl option ${name} without its value`);
  return [kind, value, 1];
}

/** `-XPOST` and `--request=POST` have their value in the same word. */
function splitOption(word: string): [name: string, inline: string | undefined] {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
  }
  return word.length > 2 && Object.hasOwn(valueOptions, word.slice(0, 2))
    ? [word.slice(0, 2), word.slice(2)]
    : [word, undefined];
}

function requestOf(given: readonly (readonly [string, string])[]): CurlRequest {
  const values = (kind: string): readonly string[] =>
    given.filter(([name]) => name === kind).map(([, value]) => value);
  const url = values('url').at(-1);
  if (url === undefined) throw new CoerceError('is a curl command without a URL');
  const data = given.flatMap(([kind, value]) => dataOf(kind, value));
  const query = values('get').length > 0;
  const isJson = values('json').length > 0;
  const body = data.length === 0 || query ? undefined : data.join('&');
  const method = values('request').at(-1)?.toUpperCase();
  const user = values('user').at(-1);
  const cookies = values('cookie');
  return {
    url: query && data.length > 0 ? `${url}${url.includes('?') ? '&' : '?'}${data.join('&')}` : url,
    method: method ?? (values('head').length > 0 ? 'HEAD' : body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body === undefined
        ? {}
        : { 'Content-Type': isJson ? 'application/json' : 'application/x-www-form-urlencoded' }),
      ...(values('agent').length > 0 ? { 'User-Agent': values('agent').at(-1) as string } : {}),
      ...(values('referer').length > 0 ? { Referer: values('referer').at(-1) as string } : {}),
      ...(cookies.length > 0 ? { Cookie: cookies.join('; ') } : {}),
      ...(user === undefined ? {} : { Authorization: `Basic ${Buffer.from(user).toString('base64')}` }),
      ...Object.fromEntries(values('header').flatMap(headerOf)),
    },
    body,
  };
}

function dataOf(kind: string, value: string): string[] {
  if (kind === 'raw') return [value];
  if (kind === 'data' || kind === 'json') {
    if (value.startsWith('@'))
      throw new CoerceError(
        'reads its data from a file (@), which is not possible here; write the data into the command',
      );
    return [value];
  }
  if (kind !== 'encoded') return [];
  const [, name, text] = /^(?:([^=@]*)=)?(.*)$/s.exec(value) as unknown as [
    string,
    string | undefined,
    string,
  ];
  return [`${name === undefined || name === '' ? '' : `${name}=`}${encodeURIComponent(text)}`];
}

function headerOf(text: string): [string, string][] {
  const colon = text.indexOf(':');
  return colon <= 0 ? [] : [[text.slice(0, colon).trim(), text.slice(colon + 1).trim()]];
}

function wordsOf(command: string): readonly string[] {
  if (command.length > maxCommandLength) {
    throw new CoerceError(
      `has a curl command of ${command.length} characters; the limit is ${maxCommandLength}`,
    );
  }
  const words = shellWords(command);
  if (words === undefined) throw new CoerceError('is a curl command with a quote that is not closed');
  return words.map(({ text }) => text);
}
