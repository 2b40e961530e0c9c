import { describe, expect, it } from 'vitest';
import { findCycles } from './cycles.js';
import { rules } from './rules.js';
import type { SourceFile } from './source-file.js';

function file(path: string, specifiers: string[] = [], text = ''): SourceFile {
  return {
    path,
    project: path.split('/').slice(0, 2).join('/'),
    text,
    isTest: /\.test\.ts$|\/test\//.test(path),
    imports: specifiers.map((specifier) => ({ specifier, line: 1, typeOnly: false })),
  };
}
const messages = (source: SourceFile): string[] =>
  rules.flatMap((rule) => rule(source)).map((finding) => finding.message);

describe('rules', () => {
  it.each([
    [
      'an import of a library above its layer',
      file('libs/dag/src/flow.ts', ['@causeway/contracts']),
      'may not import',
    ],
    ['a service', file('services/auth/src/main.ts', ['@causeway/audit']), 'may not import'],
    [
      'a path out of the package',
      file('services/auth/src/main.ts', ['../../audit/src/main.js']),
      'leaves the package',
    ],
    ['an import without a file ending', file('libs/dag/src/flow.ts', ['./json']), 'lacks the ending'],
    [
      'LangChain outside the runtime',
      file('services/executor/src/main.ts', ['@langchain/core/messages']),
      'LangChain',
    ],
    ['Nest in domain', file('services/auth/src/domain/key.ts', ['@nestjs/common']), 'pure'],
    ['a clock in domain', file('services/auth/src/domain/key.ts', [], 'const now = Date.now();'), 'clock'],
    ['a store in domain', file('services/auth/src/domain/key.ts', ['../store/key.store.js']), 'pure'],
    ['the environment', file('services/auth/src/config.ts', [], 'process.env.HOME'), 'process.env'],
    ['export *', file('libs/dag/src/index.ts', [], "export * from './flow.js'"), 'export *'],
    ['a name without a meaning', file('libs/dag/src/utils.ts'), 'does not say what the file contains'],
    ['an unknown folder', file('services/auth/src/stuff/key.ts'), 'is not one of them'],
    [
      'an operation that imports HTTP code',
      file('services/auth/src/operations/keys.ts', ['../http/door/call.js']),
      'operations may not import http',
    ],
    [
      'a comparison of secrets of its own',
      file('services/auth/src/domain/key.ts', [], 'return timingSafeEqual(one, other);'),
      'isSameSecret',
    ],
    ['a test library outside tests', file('services/auth/src/main.ts', ['@causeway/testing']), 'only tests'],
  ])('finds %s', (_what, source, part) => {
    expect(messages(source).join('\n')).toContain(part);
  });

  it.each([
    ['an HTTP client', file('libs/components/src/runtime/web/a.ts', ['undici'])],
    ['fetch', file('services/executor/src/walk/a.ts', [], 'const answer = await fetch(address);')],
    ['a request of Node', file('services/audit/src/clients/a.ts', [], 'https.get(address)')],
    [
      'an import of one',
      file('services/audit/src/clients/a.ts', [], "import { request } from 'node:https';"),
    ],
  ])('N18: finds a way out that does not check addresses: %s', (_what, source) => {
    expect(messages(source).join('\n')).toContain('go through GuardedHttp');
  });

  it.each([
    ['eval', file('libs/components/src/runtime/a.ts', [], 'return eval(text);')],
    ['a function made of text', file('services/gateway/src/http/a.ts', [], "new Function('a', text)")],
    ['a library that does it', file('libs/components/src/runtime/a.ts', ['expr-eval'])],
    ['the module vm', file('services/executor/src/walk/a.ts', ['node:vm'])],
  ])('N21, N22: finds what makes a program of a text: %s', (_what, source) => {
    expect(messages(source).join('\n')).toContain('never becomes code');
  });

  it.each([
    file('libs/components/src/runtime/guarded-http.ts', ['undici']),
    file('services/executor/src/walk/a.ts', [], 'private async fetch(names: string[]) { this.fetch(names) }'),
    file('services/gateway/src/http/a.ts', [], "import { createServer } from 'node:http';"),
  ])('accepts other uses of these words (%#)', (source) => {
    expect(messages(source)).toEqual([]);
  });

  it('accepts a correct file', () => {
    expect(
      messages(file('services/auth/src/operations/keys.ts', ['@causeway/platform', '../store/key.store.js'])),
    ).toEqual([]);
  });
});

describe('findCycles', () => {
  it('names the files of a cycle', () => {
    const found = findCycles([
      file('libs/dag/src/a.ts', ['./b.js']),
      file('libs/dag/src/b.ts', ['./c.js']),
      file('libs/dag/src/c.ts', ['./a.js']),
    ]);
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toContain('libs/dag/src/b.ts');
  });

  it('accepts two paths to the same file', () => {
    const found = findCycles([
      file('libs/dag/src/a.ts', ['./b.js', './c.js']),
      file('libs/dag/src/b.ts', ['./d.js']),
      file('libs/dag/src/c.ts', ['./d.js']),
      file('libs/dag/src/d.ts'),
    ]);
    expect(found).toEqual([]);
  });
});
