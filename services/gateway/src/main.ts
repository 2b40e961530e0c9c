import { environmentName, runService } from '@causeway/platform';
import { settings, tlsOptions } from './config.js';

await runService({
  name: 'gateway',
  settings,
  vault: true,
  disk: true,
  http: (values) => ({
    host: values.httpHost,
    port: values.httpPort,
    bodyLimitBytes: values.maxBodyBytes,
    bodyLimitName: environmentName('maxBodyBytes'),
    corsOrigins: values.corsOrigins,
    isCorsOrigin: async (app) => {
      const pages = app.get((await import('./http/door/page-keys.js')).PageKeys);
      return (origin, address) => pages.isListed(origin, address);
    },
    trustProxy: values.trustProxy.length > 0 ? values.trustProxy : false,
    errorPage: async () => (await import('./http/pages/error-page.js')).pageOfError,
    ...tlsOptions(values),
    noteErrors: async (app) => (await import('./http/door/note-refusals.js')).noteRefusals(app),
    configure: async (app) => (await import('./http/door/configure-http.js')).configureHttp(app, values),
  }),
  module: async () => (await import('./app.module.js')).AppModule,
});
