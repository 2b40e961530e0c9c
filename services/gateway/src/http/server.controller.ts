import {
  allComponentsRoute,
  configRoute,
  getExecutionStates,
  healthCheckRoute,
  healthRoute,
  openApiDocument,
  openApiRoute,
  routesByName,
  validatePromptRoute,
  versionRoute,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { causewayError } from '@causeway/contracts';
import { Bus, SETTINGS } from '@causeway/platform';
import { Controller, Inject } from '@nestjs/common';
import type { Settings } from '../config.js';
import { langflowCatalogue } from '../domain/langflow-catalogue.js';
import { checkedPrompt, withPromptFields } from '../domain/prompt-fields.js';
import { Serve } from './door/serve.js';

const VERSION = '0.1.0';
/** How long /health_check waits for the services behind the gateway. */
const CHECK_MS = 2_000;

/** Information about the server: health, version, configuration and components. */
@Controller()
export class ServerController {
  private readonly catalogue = langflowCatalogue();
  private readonly document = openApiDocument(routesByName, VERSION);

  constructor(
    private readonly bus: Bus,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Serve(healthRoute)
  health(): RouteReply<typeof healthRoute> {
    return { status: 'ok' };
  }

  @Serve(healthCheckRoute)
  async healthCheck(): Promise<RouteReply<typeof healthCheckRoute>> {
    await this.bus.request(getExecutionStates, { runIds: [] }, { timeoutMs: CHECK_MS });
    return { status: 'ok', chat: 'ok', db: 'ok' };
  }

  @Serve(versionRoute)
  version(): RouteReply<typeof versionRoute> {
    return { version: VERSION, main_version: VERSION, package: 'Causeway' };
  }

  @Serve(configRoute)
  config(): RouteReply<typeof configRoute> {
    return {
      type: 'public',
      feature_flags: {},
      max_file_size_upload: Math.floor(this.settings.maxFileBytes / 1024 ** 2),
      event_delivery: 'streaming',
      voice_mode_available: false,
      frontend_timeout: 0,
      mcp_base_url: null,
      enable_extension_reload: false,
      authz_enabled: true,
      allow_custom_components: false,
    };
  }

  @Serve(allComponentsRoute)
  components(): RouteReply<typeof allComponentsRoute> {
    return this.catalogue;
  }

  @Serve(validatePromptRoute)
  validatePrompt({ body }: RouteInput<typeof validatePromptRoute>): RouteReply<typeof validatePromptRoute> {
    const { name = '', template, mustache, frontend_node: node } = body;
    const { variables, problems } = checkedPrompt(template, mustache ?? false);
    if (problems.length > 0)
      throw causewayError('REQUEST_INVALID', {
        problems: problems.map((problem) => `body.template: ${problem}`).join(' '),
      });
    return {
      input_variables: [...variables],
      frontend_node: node ? withPromptFields(node, name, variables) : null,
    };
  }

  @Serve(openApiRoute)
  openApi(): RouteReply<typeof openApiRoute> {
    return this.document;
  }
}
