import { maxCommandLength } from '@causeway/dag';
import { startCpuClock } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { parseCurl } from './parse-curl.js';

describe('parseCurl', () => {
  test('a plain address is a GET', () => {
    expect(parseCurl('curl https://a.test/x')).toEqual({
      url: 'https://a.test/x',
      method: 'GET',
      headers: {},
      body: undefined,
    });
  });

  test('data makes it a POST with the form type, as curl sends it', () => {
    const read = parseCurl(`curl -d 'a=1' --data b=2 https://a.test`);
    expect(read).toMatchObject({ method: 'POST', body: 'a=1&b=2' });
    expect(read.headers['Content-Type']).toBe('application/x-www-form-urlencoded');
  });

  test('reads what a browser copies', () => {
    const read = parseCurl(
      [
        `curl 'https://a.test/api?x=1' \\`,
        `  -X 'PUT' \\`,
        `  -H 'content-type: application/json' -H "Authorization: Bearer \\"t\\"" \\`,
        `  --data-raw $'{"a":"it\\'s","b":"1\\n2"}' --compressed --location`,
      ].join('\n'),
    );
    expect(read).toEqual({
      url: 'https://a.test/api?x=1',
      method: 'PUT',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        'content-type': 'application/json',
        Authorization: 'Bearer "t"',
      },
      body: `{"a":"it's","b":"1\n2"}`,
    });
  });

  test('values may be in the same word as their option', () => {
    expect(parseCurl('curl -XDELETE --url=https://a.test')).toMatchObject({
      method: 'DELETE',
      url: 'https://a.test',
    });
  });

  test('user, cookie, agent and --json become headers', () => {
    const read = parseCurl(`curl -u me:pw -b 'a=1' -A agent --json '{"a":1}' https://a.test`);
    expect(read.headers).toEqual({
      'Content-Type': 'application/json',
      'User-Agent': 'agent',
      Cookie: 'a=1',
      Authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
    });
  });

  test('-G puts data into the query, -I makes it a HEAD', () => {
    expect(parseCurl(`curl -G --data-urlencode 'q=a b' https://a.test?x=1`)).toMatchObject({
      method: 'GET',
      url: 'https://a.test?x=1&q=a%20b',
      body: undefined,
    });
    expect(parseCurl('curl -I https://a.test').method).toBe('HEAD');
  });

  test.each([
    ['wget https://a.test', 'must begin with curl'],
    ['curl', 'without a URL'],
    ['curl -o out.html https://a.test', 'option -o'],
    ['curl -F file=@x https://a.test', 'option -F'],
    ['curl -k https://a.test', 'option -k'],
    ['curl --proxy http://p https://a.test', 'option --proxy'],
    ['curl -d @/etc/passwd https://a.test', 'from a file'],
    ["curl 'https://a.test", 'not closed'],
    ['curl https://a.test -H', 'without its value'],
    ['curl --toString x', 'option --toString'],
  ])('%s is refused', (command, problem) => {
    expect(() => parseCurl(command)).toThrow(problem);
  });

  test('a command has a limit that the error names, and reading takes linear time', () => {
    expect(() => parseCurl(`curl ${'a'.repeat(maxCommandLength)}`)).toThrow(
      `the limit is ${maxCommandLength}`,
    );
    const cpuMs = startCpuClock();
    expect(() => parseCurl(`curl "${'\\'.repeat(90_000)}`)).toThrow('not closed');
    parseCurl(`curl ${`'a'"b"`.repeat(10_000)}`);
    expect(cpuMs()).toBeLessThan(10_000);
  });
});
