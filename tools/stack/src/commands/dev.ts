import { join, relative, sep } from 'node:path';
import { buildProjects } from '../build.js';
import { chosenHomeFolder } from '../home.js';
import { ROOT } from '../places.js';
import { usersOf } from '../projects.js';
import { type Causeway, createCauseway } from '../stack/create-causeway.js';
import { loadEnvironmentFile } from '../environment-file.js';
import { formatLogLine } from './format-log-line.js';
import { runUntilStopped } from './run-until-stopped.js';
import { watchTree } from './watch-tree.js';

/** Editors write a file in several steps, and save several files at once. */
const SETTLE_MS = 150;
/** Folders without source files of the build. */
const NO_SOURCES = new Set(['node_modules', 'dist', 'generated', 'test', 'migrations', '.causeway']);

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * `npm run dev`: starts everything at debug level, with logs in the terminal. Projects that a change affects are built and started again.
 *
 * @returns the exit code
 */
export async function dev(): Promise<number> {
  loadEnvironmentFile();
  const begin = (signal: AbortSignal): Promise<Causeway> =>
    createCauseway({
      home: chosenHomeFolder(),
      logLevel: process.env['CAUSEWAY_LOG_LEVEL'] || 'debug',
      say,
      signal,
      relay: (service, line) => process.stdout.write(`${formatLogLine(service, line)}\n`),
    });
  return runUntilStopped(begin, async (causeway, signal) => watchSources(causeway, signal), say);
}

function watchSources(causeway: Causeway, signal: AbortSignal): void {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let building = Promise.resolve();
  const rebuild = (): void => {
    building = building.then(async () => {
      const projects = [...changed];
      changed.clear();
      if (projects.length > 0) await apply(causeway, projects, signal);
    });
  };
  for (const area of ['libs', 'services', 'tools']) {
    watchTree(
      join(ROOT, area),
      (name) => !NO_SOURCES.has(name),
      (path) => {
        const [project, folder, ...rest] = relative(join(ROOT, area), path).split(sep);
        const isSource = folder === 'src' && /\.tsx?$/.test(rest.at(-1) ?? '');
        const isSchema = folder === 'prisma' && rest.at(-1) === 'schema.prisma';
        if (project === undefined || !(isSource || isSchema)) return;
        changed.add(`${area}/${project}`);
        clearTimeout(timer);
        timer = setTimeout(rebuild, SETTLE_MS);
      },
    );
  }
  say(
    `Causeway runs at ${causeway.url}, key ${causeway.apiKey}; watching for changes. To stop everything: Ctrl-C`,
  );
}

/** Builds and starts again the services that use a changed project; after a failed build all services keep running. */
async function apply(causeway: Causeway, projects: readonly string[], signal: AbortSignal): Promise<void> {
  const touched = usersOf(projects);
  const services = [...causeway.services.values()].filter(({ service }) =>
    touched.has(`services/${service}`),
  );
  if (services.length === 0) return;
  say(`changed: ${projects.join(', ')}`);
  const { ok, output } = await buildProjects(services.map(({ service }) => `@causeway/${service}`));
  if (!ok) return say(`${output.trimEnd()}\nThe build failed, so the previous version keeps running.`);
  await Promise.all(
    services.map(async (service) => {
      await service.stop();
      await service.start(signal).then(
        () => say(`${service.name} is running again`),
        (error: Error) => say(error.message),
      );
    }),
  );
}
