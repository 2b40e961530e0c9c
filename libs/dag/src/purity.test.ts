import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const source = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !/\.test\.ts$|^(testing|simulator)\//.test(file),
);

test.each(files)(
  '%s runs in a browser too: no clock, no chance, no I/O, nothing imported but zod',
  (file) => {
    const text = readFileSync(`${source}${file}`, 'utf8');
    const imports = [...text.matchAll(/from '([^']+)'/g)].map((match) => match[1] ?? '');
    expect(
      imports.filter((from) => from !== 'zod' && !/^(\.|\.\.(\/\.\.)*)\/([a-z-]+\/)*[a-z-]+\.js$/.test(from)),
    ).toEqual([]);
    expect(imports.filter((from) => /\b(testing|simulator)\//.test(from))).toEqual([]);
    expect(text).not.toMatch(
      /\b(Date|Math\.random|setTimeout|process|Buffer|fetch|crypto|performance|require)\b[.(]/,
    );
  },
);
