import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const source = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(source).filter((file) => file.endsWith('.ts') && !/\.test\.ts$|^test-/.test(file));

test.each(files)(
  '%s runs in a browser too: no clock, no chance, no I/O, nothing imported but zod',
  (file) => {
    const text = readFileSync(`${source}${file}`, 'utf8');
    const imports = [...text.matchAll(/from '([^']+)'/g)].map((match) => match[1] ?? '');
    expect(imports.filter((from) => from !== 'zod' && !/^\.\/[a-z-]+\.js$/.test(from))).toEqual([]);
    expect(imports.filter((from) => from.startsWith('./test-') || from.includes('simulator'))).toEqual([]);
    expect(text).not.toMatch(
      /\b(Date|Math\.random|setTimeout|process|Buffer|fetch|crypto|performance|require)\b[.(]/,
    );
  },
);
