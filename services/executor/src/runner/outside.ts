import type {
  GuardedHttp,
  GuardedHttpClient,
  ModelSettings,
  RunSecrets,
  Secret,
} from '@causeway/components/runtime';
import { closeProviderConnections, createGuardedHttp, warmUpModels } from '@causeway/components/runtime';
import { SETTINGS, log } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { platformProviders } from '../config.js';
import type { Settings } from '../config.js';

/** Calls from a runner to the outside world: which addresses it may call, and with which keys. */
@Injectable()
export class Outside implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly models: Omit<ModelSettings, 'remainingTokens' | 'tokenLimit'>;
  /** The platform's own keys. */
  readonly secrets: readonly Secret[];
  private readonly guarded: GuardedHttpClient;

  constructor(@Inject(SETTINGS) settings: Settings) {
    const [provider, ...model] = settings.defaultModel?.split('/') ?? [];
    this.guarded = createGuardedHttp({ allow: settings.outboundAllow });
    this.models = {
      providerKeys: perProvider((name) => settings[`${name}ApiKey`]),
      providerBaseUrls: perProvider((name) => settings[`${name}BaseUrl`]),
      idleTimeoutMs: settings.modelIdleTimeoutMs,
      outbound: this.guarded.dispatcher,
      ...(settings.scriptedProviderUrl === undefined
        ? {}
        : { scriptedProviderUrl: settings.scriptedProviderUrl }),
      ...(provider === undefined ? {} : { defaultModel: { provider, model: model.join('/') } }),
    };
    this.secrets = Object.entries(this.models.providerKeys).map(([id, value]) => ({
      value,
      label: `the platform’s key of ${id}`,
      providers: [id],
      isOfPlatform: true,
    }));
  }

  /** Guarded calls of one node; errors name it. Secrets are sent only where they may be sent. */
  http(node: string, secrets: RunSecrets): GuardedHttp {
    return this.guarded.forNode(node, secrets);
  }

  /** Most models use this protocol: loading its code takes half a second, for which the first run must not wait. */
  onApplicationBootstrap(): void {
    warmUpModels('openai').catch((error: unknown) => log.failure(error, 'models not warmed up'));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.guarded.close(), closeProviderConnections()]);
  }
}

function perProvider(
  find: (name: (typeof platformProviders)[number]) => string | undefined,
): Record<string, string> {
  const entries = platformProviders.map((name) => [name, find(name)] as const);
  return Object.fromEntries(
    entries.filter((entry): entry is readonly [(typeof entry)[0], string] => entry[1] !== undefined),
  );
}
