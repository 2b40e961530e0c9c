import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const dist = new URL('../dist/', import.meta.url).href;

/** Packages that a program loads: everything resolved outside of our own. */
async function loadedBy(program: string): Promise<readonly string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const seen = new Set();
    registerHooks({ resolve(specifier, context, next) { seen.add(specifier); return next(specifier, context); } });
    ${program}
    console.log(JSON.stringify([...seen]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  const specifiers = JSON.parse(stdout) as string[];
  return specifiers.filter(
    (specifier) => /^[@a-z]/.test(specifier) && !/^(node:|file:|@causeway\/)/.test(specifier),
  );
}

test('the specs load no package but the one that reads flows', async () => {
  expect(await loadedBy(`await import('${dist}specs/index.js');`)).toEqual(['zod']);
});

test('LangChain and the parsers are loaded by the first node that needs them, not before', async () => {
  const heavy = /^@langchain|htmlparser2|csv-parse|yaml|re2js/;
  const door = `const { findRuntime } = await import('${dist}runtime/index.js');`;
  expect((await loadedBy(door)).filter((name) => heavy.test(name))).toEqual([]);
  const light = `${door} for (const type of ['ChatInput', 'ChatOutput', 'Prompt', 'CalculatorComponent']) await findRuntime(type);`;
  expect((await loadedBy(light)).filter((name) => heavy.test(name))).toEqual([]);
  expect(await loadedBy(`${door} await findRuntime('URL');`)).toContain('htmlparser2');
});
