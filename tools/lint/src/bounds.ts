import { existsSync, globSync, readFileSync } from 'node:fs';
import type { Finding } from './rules.js';

/** A service that has tables. */
export interface Tables {
  /** Text of its `schema.prisma`. */
  readonly path: string;
  readonly schema: string;
  /** Text of its `src/store/bounds.ts`; undefined when there is none. */
  readonly bounds: string | undefined;
}

/** Checks that every table has a line that says what bounds its size, and that each kind of data named there exists. */
export function checkBounds(services: readonly Tables[], kinds: ReadonlySet<string>): Finding[] {
  return services.flatMap(({ path, schema, bounds }) => {
    if (bounds === undefined)
      return [
        {
          path,
          line: 1,
          message: 'src/store/bounds.ts is missing: say what bounds the size of each table',
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
        .map((model) => at(`${model}: say what bounds the size of this table`)),
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

/** Names of the kinds of data that services remove, found in the files that declare them. */
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
