import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { FlowsClient } from './clients/flows.client.js';
import { AccessGuard } from './http/door/access.guard.js';
import { Memory } from './http/door/memory.js';
import { PageKeys } from './http/door/page-keys.js';
import { WebhooksController } from './http/webhooks.controller.js';
import { Webhooks } from './operations/webhooks.js';
import { VersionsController } from './http/versions.controller.js';
import { AllowedHostsController } from './http/allowed-hosts.controller.js';
import { AuditController } from './http/audit/audit.controller.js';
import { AuditStreamsController } from './http/audit/audit-streams.controller.js';
import { FilesController } from './http/files.controller.js';
import { FlowsController } from './http/flows.controller.js';
import { KeysController } from './http/keys.controller.js';
import { ClientsController } from './http/oauth/clients.controller.js';
import { ConsentController } from './http/oauth/consent.controller.js';
import { DeviceController } from './http/oauth/device.controller.js';
import { OAuthController } from './http/oauth/oauth.controller.js';
import { AccountController } from './http/pages/account.controller.js';
import { AuditPageController } from './http/pages/audit-page.controller.js';
import { DocsController } from './http/pages/docs.controller.js';
import { Visitors } from './http/pages/visitors.js';
import { HomeController } from './http/pages/home.controller.js';
import { SamlController } from './http/pages/saml.controller.js';
import { SignInController } from './http/pages/sign-in.controller.js';
import { PasswordController } from './http/pages/password.controller.js';
import { LangflowSignInController } from './http/people/langflow-sign-in.controller.js';
import { PasswordsController } from './http/people/passwords.controller.js';
import { ConnectionsController } from './http/people/connections.controller.js';
import { BarredController } from './http/people/barred.controller.js';
import { OwnedController } from './http/people/owned.controller.js';
import { PeopleController } from './http/people/people.controller.js';
import { ScimTokensController } from './http/scim/scim-tokens.controller.js';
import { ScimController } from './http/scim/scim.controller.js';
import { LogsController } from './http/logs.controller.js';
import { MessagesController } from './http/messages.controller.js';
import { ProjectsController } from './http/projects.controller.js';
import { RetentionController } from './http/retention.controller.js';
import { RolesController } from './http/access/roles.controller.js';
import { RunController } from './http/run.controller.js';
import { RunsController } from './http/runs.controller.js';
import { ServerController } from './http/server.controller.js';
import { SecretsController } from './http/access/secrets.controller.js';
import { DeletionsController } from './http/access/deletions.controller.js';
import { MovesController } from './http/access/moves.controller.js';
import { SharesController } from './http/access/shares.controller.js';
import { TeamsController } from './http/access/teams.controller.js';
import { VariablesController } from './http/variables.controller.js';
import { Answers } from './operations/answers.js';
import { AuditExports } from './operations/audit/audit-exports.js';
import { AuditReads } from './operations/audit/audit-reads.js';
import { BareStream } from './http/stream/bare-stream.js';
import { StreamAccess } from './http/stream/stream-access.js';
import { EventStream } from './http/stream/event-stream.js';
import { Identity } from './operations/identity.js';
import { RecentLog } from './operations/recent-log.js';
import { RateLimits } from './operations/rate-limits.js';
import { Refusals } from './operations/refusals.js';
import { Places } from './operations/places.js';
import { SharedFlows } from './operations/shared-flows.js';
import { Submitting } from './operations/submitting.js';
import { Tries } from './operations/tries.js';

@Module({
  controllers: [
    RunController,
    RunsController,
    FlowsController,
    AllowedHostsController,
    VersionsController,
    WebhooksController,
    ProjectsController,
    VariablesController,
    KeysController,
    TeamsController,
    SecretsController,
    RolesController,
    SharesController,
    MovesController,
    DeletionsController,
    PeopleController,
    BarredController,
    OwnedController,
    ConnectionsController,
    ScimTokensController,
    ScimController,
    PasswordsController,
    LangflowSignInController,
    PasswordController,
    ClientsController,
    OAuthController,
    DeviceController,
    ConsentController,
    HomeController,
    AuditPageController,
    DocsController,
    SignInController,
    SamlController,
    AccountController,
    FilesController,
    MessagesController,
    AuditController,
    AuditStreamsController,
    LogsController,
    RetentionController,
    ServerController,
  ],
  providers: [
    AccessGuard,
    PageKeys,
    { provide: APP_GUARD, useExisting: AccessGuard },
    Memory,
    Visitors,
    Identity,
    RateLimits,
    Webhooks,
    Refusals,
    RecentLog,
    FlowsClient,
    Answers,
    AuditExports,
    AuditReads,
    Places,
    SharedFlows,
    Submitting,
    Tries,
    StreamAccess,
    BareStream,
    EventStream,
  ],
})
export class AppModule {}
