import { startScriptedProvider } from '@causeway/scripted-provider';
import { waitFor } from '@causeway/testing';
import { afterAll } from 'vitest';
import { startCollector } from './canaries/collector.js';
import { Watch } from './canaries/watch.js';
import { accessStories } from './stories/access.js';
import { applyStories } from './stories/apply.js';
import { auditStories } from './stories/audit.js';
import { badInputStories } from './stories/bad-input.js';
import { badProviderStories } from './stories/bad-provider.js';
import { canaryStories } from './stories/canaries.js';
import { chatWidgetStories } from './stories/chat-widget.js';
import { cliStories } from './stories/cli.js';
import { conversationStories } from './stories/conversations.js';
import { invariantStories } from './stories/invariants.js';
import { demoOrganisationStories } from './stories/demo-organisation.js';
import { deviceStories } from './stories/device.js';
import { devFlowStories } from './stories/dev-flows.js';
import { keyStories } from './stories/keys.js';
import { langflowClientStories } from './stories/langflow-client.js';
import { negativeStories } from './stories/negative.js';
import { oddCharacterStories } from './stories/odd-characters.js';
import { passwordStories } from './stories/passwords.js';
import { publicPageStories } from './stories/public-pages.js';
import { oauthStories } from './stories/oauth.js';
import { objectStories } from './stories/objects.js';
import { pageStories } from './stories/pages.js';
import { randomActStories } from './stories/random-acts.js';
import { revocationStories } from './stories/revocation.js';
import { routeMatrixStories } from './stories/route-matrix.js';
import { runningStories } from './stories/running.js';
import { samlStories } from './stories/saml.js';
import { scimStories } from './stories/scim.js';
import { secretStories } from './stories/secrets.js';
import { senderStories } from './stories/senders.js';
import { signInStories } from './stories/sign-in.js';
import { sharingStories } from './stories/sharing.js';
import { singleObjectStories } from './stories/single-objects.js';
import { streamingStories } from './stories/streaming.js';
import { webhookStories } from './stories/webhooks.js';
import { teamStories } from './stories/teams.js';
import { processesOf, survivalStories } from './stories/survival.js';
import { startLangflow } from './support/langflow.js';
import { masterKeyFile } from './support/master-keys.js';
import { startSite } from './support/site.js';
import { startStack } from './support/stack.js';

const openai = await startScriptedProvider();
afterAll(() => openai.close());
/** Longer than a busy machine needs for what a test does while a model does not answer. */
const IDLE_MS = 5_000;
const [listed, other] = [await startSite(), await startSite()];
const receiver = await startSite((_request, response) => response.end());
const collector = await startCollector();
/** What all services but the gateway have: the requests of one gateway alone are traced. */
const traces = { CAUSEWAY_OTLP_ENDPOINT: collector.url };
const masters = masterKeyFile();
const stack = await startStack({
  environment: {
    auth: { ...traces, ...masters.environment, CAUSEWAY_SAML: 'on' },
    audit: { ...traces, CAUSEWAY_AUDIT_STREAM_ALLOW: new URL(receiver.url).host },
    'flow-registry': traces,
    scheduler: traces,
    // The matrix asks every route without a valid key, several times.
    gateway: { CAUSEWAY_CORS_ORIGINS: listed.url, CAUSEWAY_RATE_LIMIT_REFUSED_PER_ADDRESS: '6000' },
    executor: {
      ...traces,
      CAUSEWAY_OUTBOUND_ALLOW: '127.0.0.1',
      CAUSEWAY_MODEL_IDLE_TIMEOUT_MS: String(IDLE_MS),
      CAUSEWAY_OPENAI_BASE_URL: `${openai.url}/v1`,
    },
  },
});
const langflow = await startLangflow();
// The standby runner starts after the one that takes runs.
await waitFor(async () => 'runner 2' in (await processesOf(stack)), { timeoutMs: 60_000 });
const before = await processesOf(stack);
const watch = new Watch(stack, collector);

langflowClientStories(stack);
chatWidgetStories(stack, listed, other);
runningStories(stack);
streamingStories(stack);
conversationStories(stack);
objectStories(stack);
accessStories(stack);
auditStories(stack);
revocationStories(stack);
teamStories(stack);
sharingStories(stack);
publicPageStories(stack);
routeMatrixStories(stack);
singleObjectStories(stack);
randomActStories(stack);
senderStories(stack);
signInStories(stack);
pageStories(stack);
samlStories(stack);
scimStories(stack);
oauthStories(stack);
deviceStories(stack);
applyStories(stack);
demoOrganisationStories(stack);
passwordStories(stack);
webhookStories(stack);
badInputStories(stack);
negativeStories(stack);
oddCharacterStories(stack);
badProviderStories(stack, IDLE_MS);
devFlowStories(stack, other);
cliStories(stack, langflow);
keyStories(stack, masters);
secretStories(openai, watch);
canaryStories(stack, { watch, masters, receiverUrl: receiver.url });
survivalStories(stack, before);
invariantStories(stack, masters.newest);
