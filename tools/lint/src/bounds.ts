import { existsSync, globSync, readFileSync } from 'node:fs';
import type { Finding } from './rules.js';

/** A service that has tables. */
export interface Tables {
  /** Of its `schema.prisma`. */
  readonly path: string;
  readonly schema: string;
  /** Its `src/store/bounds.ts`; undefined where there is none. */
  readonly bounds: string | undefined;
}

/** Every table has a line that says what keeps it from growing for ever, and a kind of data that is named there exists. */
export function checkBounds(services: readonly Tables[], kinds: ReadonlySet<string>): Finding[] {
  return services.flatMap(({ path, schema, bounds }) => {
    if (bounds === undefined)
      return [
        {
          path,
          line: 1,
          message: 'src/store/bounds.ts is missing: say what keeps each table from growing for ever',
        },
      ];
    const models = [...schema.matchAll(/^model (\w+)/gm)].map(([, model = '']) => model);
    const listed = new Map(
      [...bounds.matchAll(/^ {2}(\w+): \{\s*(leavesWith|because): '([^']+)'/gm)].map(
        ([, model = '', how, what = '']) => [model, how === 'leavesWith' ? what : undefined],
      ),
    );
    const at = (message: string): Finding => ({
      path: path.replace('prisma/schema.prisma', 'src/store/bounds.ts'),
      line: 1,
      message,
    });
    return [
      ...models
        .filter((model) => !listed.has(model))
        .map((model) => at(`${model}: what keeps this table from growing for ever?`)),
      ...[...listed].flatMap(([model, kind]) =>
        kind === undefined || kinds.has(kind) ? [] : [at(`${model}: no service removes "${kind}"`)],
      ),
    ];
  });
}

/** The services that have tables. */
export function readTables(root: string): Tables[] {
  return globSync('services/*/prisma/schema.prisma', { cwd: root })
    .toSorted()
    .map((path) => {
      const bounds = `${root}/${path.replace('prisma/schema.prisma', 'src/store/bounds.ts')}`;
      return {
        path,
        schema: readFileSync(`${root}/${path}`, 'utf8'),
        bounds: existsSync(bounds) ? readFileSync(bounds, 'utf8') : undefined,
      };
    });
}

/** The kinds of data that services remove, by their names: texts in files that declare such kinds. */
export function findKinds(files: readonly { readonly path: string; readonly text: string }[]): Set<string> {
  const declaring = files.filter(
    ({ path, text }) => path.startsWith('services/') && text.includes('RetainedKind'),
  );
  return new Set(
    declaring.flatMap(({ text }) =>
      [...text.matchAll(/(?:kind: |this\.\w+\()'([^']+)'/g)].map(([, kind = '']) => kind),
    ),
  );
}
