/** Which of our packages a project may import. A service is never imported. */
export function importsOf(project: string): readonly string[] | undefined {
  if (project.startsWith('services/')) return [...serviceImports, ...(serviceExtras[project] ?? [])];
  return mayImport[project];
}

const mayImport: Readonly<Record<string, readonly string[]>> = {
  'libs/dag': [],
  'libs/contracts': ['@causeway/dag'],
  'libs/audit-chain': ['@causeway/dag'],
  'libs/authz': ['@causeway/contracts'],
  'libs/components': [
    '@causeway/dag',
    '@causeway/contracts',
    '@causeway/testing',
    '@causeway/scripted-provider',
  ],
  'libs/platform': ['@causeway/dag', '@causeway/contracts', '@causeway/authz', '@causeway/testing'],
  'libs/testing': [
    '@causeway/testing',
    '@causeway/testing/host',
    '@causeway/dag',
    '@causeway/contracts',
    '@causeway/migrate',
    '@causeway/stack',
  ],
  'tools/scripted-provider': [],
  'tools/identity-provider': [],
  'tools/migrate': [],
  'tools/stack': ['@causeway/scripted-provider', '@causeway/identity-provider', '@causeway/migrate'],
  'tools/cli': [
    '@causeway/audit-chain',
    '@causeway/dag',
    '@causeway/contracts',
    '@causeway/components/specs',
    '@causeway/stack',
  ],
  'tools/e2e': [
    '@causeway/audit-chain',
    '@causeway/authz',
    '@causeway/platform',
    '@causeway/platform/testing',
    '@causeway/dag',
    '@causeway/contracts',
    '@causeway/components/specs',
    '@causeway/stack',
    '@causeway/scripted-provider',
    '@causeway/identity-provider',
    '@causeway/testing',
  ],
  'tools/bench': [
    '@causeway/audit-chain',
    '@causeway/dag',
    '@causeway/contracts',
    '@causeway/components/specs',
    '@causeway/platform',
    '@causeway/migrate',
    '@causeway/stack',
    '@causeway/scripted-provider',
  ],
  'tools/gen': ['@causeway/dag', '@causeway/contracts', '@causeway/components/specs', '@causeway/platform'],
  'tools/lint': [],
};

/** Packages that every service may import, also a new one. */
const serviceImports: readonly string[] = [
  '@causeway/dag',
  '@causeway/contracts',
  '@causeway/authz',
  '@causeway/platform',
  '@causeway/platform/testing',
  '@causeway/components/specs',
  '@causeway/testing',
];

/** Further packages that one service may import. */
const serviceExtras: Readonly<Record<string, readonly string[]>> = {
  // Its tests sign the answers of SAML providers, good ones and forged ones.
  'services/auth': ['@causeway/identity-provider'],
  // It sends events to addresses that an organisation chooses, with the same guard as flows have.
  'services/audit': ['@causeway/audit-chain', '@causeway/components/outbound'],
  'services/executor': ['@causeway/components/runtime'],
};

/** Packages that only tests may import. */
export const testOnly: readonly string[] = [
  '@causeway/testing',
  '@causeway/platform/testing',
  '@causeway/scripted-provider',
  '@causeway/identity-provider',
];

/** Places outside tests that may import a test-only package. */
export const testOnlyExceptions: readonly string[] = [
  'tools/stack',
  'tools/e2e',
  'tools/bench',
  'libs/testing',
];

/** The folders of a service. A folder that a service does not need is absent, never renamed. */
export const serviceRooms: readonly string[] = [
  'http',
  'messages',
  'operations',
  'domain',
  'store',
  'clients',
];

/** Folders in place of `operations`, for services with more operations than one folder can hold. */
export const operationRooms: Readonly<Record<string, readonly string[]>> = {
  // The process that starts the others, each of those, and the execution of one run in it.
  'services/executor': ['supervisor', 'runner', 'walk'],
  // Reading files and graphs, changes, answers, and the removal of old data.
  'services/flow-registry': ['intake', 'changes', 'answers', 'retention'],
};

const allOperations: readonly string[] = ['operations', ...Object.values(operationRooms).flat()];

/** Folders that only load, save or send requests: they do not import the code that uses them. */
const outwards: Readonly<Record<string, readonly string[]>> = {
  clients: ['http', 'messages', 'store', ...allOperations],
  store: ['http', 'messages', 'clients', ...allOperations],
};

/**
 * The folders of its own service that a folder may not import: code that decides and acts does not depend on how the request arrived.
 * Type imports count too.
 */
export const mayNotImportRooms: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(allOperations.map((room) => [room, ['http', 'messages']])),
  walk: ['http', 'messages', 'supervisor'],
  intake: ['http', 'messages', 'changes', 'answers', 'retention'],
  ...outwards,
};

/** Folders whose code is not pure. */
export const impureRooms: readonly string[] = ['store', 'clients', 'messages', 'http', ...allOperations];

/** The only places that may read the environment of the process. */
export const mayReadEnvironment: readonly string[] = [
  'libs/platform/src/settings',
  'libs/platform/src/service/start-service.ts',
  'libs/platform/src/testing/',
  'libs/testing/',
  'tools/',
];

/** The only places that open connections to other hosts over HTTP, or to addresses that somebody else has chosen. */
export const callsOutside: readonly string[] = [
  // They check each address after it was resolved, and call the one that they have checked.
  'libs/components/src/runtime/guarded-http.ts',
  'libs/components/src/runtime/outbound/',
  'libs/components/src/runtime/models/providers/transport.ts',
  // Identity providers, which administrators of an organisation choose.
  'services/auth/src/clients/limited-fetch.ts',
  // Its own runners.
  'services/executor/src/supervisor/runner-metrics.ts',
];

/** Modules and packages that make programs of texts. */
export const interpreters: readonly string[] = [
  'node:vm',
  'vm',
  'vm2',
  'isolated-vm',
  'expr-eval',
  'jsonata',
  'alasql',
  'handlebars',
  'ejs',
  '@langchain/community',
];

/** The only file that compares secrets byte by byte. */
export const comparesSecrets = 'libs/contracts/src/values/same-secret.ts';

/** Where LangChain may be imported. */
export const mayImportLangChain: readonly string[] = [
  'libs/components/src/runtime/',
  'tools/scripted-provider/',
];
