import {
  SettingsError,
  commaSeparated,
  defineSettings,
  environmentName,
  type HttpOptions,
  type ServiceSettings,
} from '@causeway/platform';
import { z } from 'zod';

/** An origin as browsers send it; `*` and `null` are none. */
const isOrigin = (text: string): boolean => /^https?:[^*]+$/.test(text) && URL.parse(text)?.origin === text;
const rate = (initial: number) => z.coerce.number().int().min(0).max(1_000_000_000).default(initial);
const bytes = (initial: number) => z.coerce.number().int().min(1024).default(initial);

/** The settings of the gateway. */
export const settings = defineSettings({
  httpHost: { schema: z.string().min(1).default('127.0.0.1'), description: 'Address of the public port.' },
  httpPort: {
    schema: z.coerce.number().int().min(0).max(65_535).default(7860),
    description: 'Public port; 0 means a free one.',
  },
  tlsCertFile: {
    schema: z.string().min(1).optional(),
    description:
      'Certificate for HTTPS, as PEM, its chain after it; with it the public port speaks HTTPS and nothing else. A file that changes is loaded without a restart.',
  },
  tlsKeyFile: {
    schema: z.string().min(1).optional(),
    description: 'Private key of `CAUSEWAY_TLS_CERT_FILE`, as PEM without a password.',
  },
  httpRedirectPort: {
    schema: z.coerce.number().int().min(0).max(65_535).optional(),
    description:
      'Port on which plain HTTP is answered with a redirect to HTTPS and nothing else, such as 80; without it there is none.',
  },
  publicUrl: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    description:
      'Where callers reach the gateway, such as https://causeway.example.com: redirects, the issuer of tokens, links of invitations and addresses for identity providers begin so. Without it they begin as the request’s own address, and redirects to HTTPS lead only to names that the certificate has.',
  },
  trustProxy: {
    schema: commaSeparated,
    description: 'Addresses of proxies whose `x-forwarded-*` headers are trusted, separated by commas.',
  },
  corsOrigins: {
    schema: commaSeparated.refine((origins) => origins.every(isOrigin), {
      error: 'must be origins as browsers send them, such as https://pages.example.com, without a path',
    }),
    description: 'Origins whose pages may call the API, separated by commas.',
  },
  maxBodyBytes: {
    schema: bytes(5 * 1024 ** 2),
    description: 'Largest request body that is neither a flow nor a file upload, in bytes.',
  },
  maxFlowBytes: {
    schema: z.coerce.number().int().min(1024).max(45_000_000).default(20_000_000),
    description:
      'Largest flow, as a file or in a request’s body, in bytes. In base64 it must fit into a message between services.',
  },
  maxPromptBytes: {
    schema: bytes(1024 ** 2),
    description: 'Largest body of a request to check a prompt, in bytes.',
  },
  maxFileBytes: { schema: bytes(1024 ** 3), description: 'Largest uploaded file, in bytes.' },
  maxBodiesBytes: {
    schema: bytes(256 * 1024 ** 2),
    description:
      'Memory that the bodies of all current requests may use together, in bytes; one key may use a quarter of it, and at least one of the largest size.',
  },
  maxAnswersBytes: {
    schema: bytes(256 * 1024 ** 2),
    description:
      'Memory that the answers to all current requests may use together, in bytes; one key may use a quarter of it, and at least one of the largest size.',
  },
  bodyTimeoutMs: {
    schema: z.coerce.number().int().min(100).max(86_400_000).default(60_000),
    description: 'How long a request body that is not a file upload may take to arrive, in milliseconds.',
  },
  uploadIdleMs: {
    schema: z.coerce.number().int().min(100).max(86_400_000).default(30_000),
    description: 'How long a file upload may send nothing, in milliseconds.',
  },
  uploadMinBytesPerS: {
    schema: z.coerce
      .number()
      .int()
      .min(1)
      .max(1024 ** 3)
      .default(1024),
    description:
      'Least speed of a file upload in bytes per second, on average over each time of `CAUSEWAY_UPLOAD_IDLE_MS`.',
  },
  maxUploadsPerKey: {
    schema: z.coerce.number().int().min(1).max(100_000).default(64),
    description: 'How many uploads one key may send at the same time.',
  },
  answerIdleMs: {
    schema: z.coerce.number().int().min(100).max(86_400_000).default(30_000),
    description:
      'How long a caller may take nothing of an answer, in milliseconds; then the connection ends.',
  },
  rateWindowS: {
    schema: z.coerce.number().int().min(1).max(86_400).default(60),
    description: 'Time for which the rate limits count, in seconds.',
  },
  rateLimitPerKey: {
    schema: rate(120_000),
    description: 'Most requests with one key in `CAUSEWAY_RATE_WINDOW_S`; 0 means no limit.',
  },
  rateLimitPerUser: {
    schema: rate(120_000),
    description:
      'Most requests of one user or service account with all their keys in `CAUSEWAY_RATE_WINDOW_S`; 0 means no limit.',
  },
  rateLimitPerTeam: {
    schema: rate(240_000),
    description: 'Most requests of one team in `CAUSEWAY_RATE_WINDOW_S`; 0 means no limit.',
  },
  rateLimitPerHook: {
    schema: rate(6_000),
    description: 'Most requests to the webhook of one flow in `CAUSEWAY_RATE_WINDOW_S`; 0 means no limit.',
  },
  rateLimitPerAddress: {
    schema: rate(240_000),
    description:
      'Most requests from one address (of IPv6: from one /64 network) in `CAUSEWAY_RATE_WINDOW_S`, with and without a key; 0 means no limit. Behind a proxy, first set `CAUSEWAY_TRUST_PROXY`.',
  },
  rateLimitRefusedPerAddress: {
    schema: rate(1_200),
    description:
      'Most requests from one address without a valid key, or to paths that do not exist, in `CAUSEWAY_RATE_WINDOW_S`; 0 means no limit. It does not refuse those with a valid key.',
  },
  keyCacheMs: {
    schema: z.coerce.number().int().min(0).max(30_000).default(30_000),
    description:
      'How long a verified key is still accepted while auth does not answer, in milliseconds; a revoked one is dropped at once.',
  },
  logAccess: {
    schema: z.enum(['off', 'loopback']).default('off'),
    description:
      'Whether /logs and /logs-stream answer callers on the same machine without a key, as Langflow’s client expects: off or loopback.',
  },
});

export type Settings = ServiceSettings<typeof settings>;

/** The options for HTTPS. @throws SettingsError when only a part of what it needs is set */
export function tlsOptions(values: Settings): Pick<HttpOptions, 'tls' | 'redirectPort' | 'publicUrl'> {
  const { tlsCertFile: certFile, tlsKeyFile: keyFile, httpRedirectPort: redirectPort, publicUrl } = values;
  const [cert, key, port] = (['tlsCertFile', 'tlsKeyFile', 'httpRedirectPort'] as const).map(environmentName);
  const problems = [
    ...((certFile === undefined) !== (keyFile === undefined)
      ? [`${cert} and ${key}: set both of them, or none`]
      : []),
    ...(redirectPort !== undefined && certFile === undefined
      ? [`${port}: it needs ${cert}, since it redirects to HTTPS`]
      : []),
    ...(certFile !== undefined && publicUrl?.startsWith('http:')
      ? [`${environmentName('publicUrl')}: with ${cert} it must begin with https:`]
      : []),
  ];
  if (problems.length > 0) throw new SettingsError(problems);
  return {
    tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
    redirectPort,
    publicUrl,
  };
}
