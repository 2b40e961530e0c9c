import { Module } from '@nestjs/common';
import { ownVault } from './operations/secrets/own-vault.js';
import { OpenIdClient } from './clients/openid.client.js';
import { SamlClient } from './clients/saml/saml.client.js';
import { AccessHandler } from './messages/access.handler.js';
import { DeletionsHandler } from './messages/deletions.handler.js';
import { Barring } from './operations/deletion/barring.js';
import { Deleting } from './operations/deletion/deleting.js';
import { DeletionStore } from './store/deletion.store.js';
import { KeysHandler } from './messages/keys.handler.js';
import { OwnedHandler } from './messages/owned.handler.js';
import { PasswordsHandler } from './messages/passwords.handler.js';
import { OAuthHandler } from './messages/oauth.handler.js';
import { PeopleHandler } from './messages/people.handler.js';
import { RetentionHandler } from './messages/retention.handler.js';
import { ScimHandler } from './messages/scim.handler.js';
import { SignInHandler } from './messages/sign-in.handler.js';
import { Accounts } from './operations/accounts.js';
import { Bindings } from './operations/bindings.js';
import { BootstrapKey } from './operations/bootstrap-key.js';
import { Changing } from './operations/changing.js';
import { EndingKeys } from './operations/deletion/ending-keys.js';
import { EndingRoles } from './operations/deletion/ending-roles.js';
import { KeyUses } from './operations/key-uses.js';
import { Keys } from './operations/keys.js';
import { Authenticator } from './operations/passwords/authenticator.js';
import { Hashing } from './operations/passwords/hashing.js';
import { Accepting, Invitations } from './operations/passwords/invitations.js';
import { Opening } from './operations/passwords/opening.js';
import { Organisations } from './operations/passwords/organisations.js';
import { PasswordSignIn } from './operations/passwords/password-sign-in.js';
import { Passwords } from './operations/passwords/passwords.js';
import { AuthorizationServer } from './operations/oauth/authorization-server.js';
import { Calls } from './operations/oauth/calls.js';
import { Clients } from './operations/oauth/clients.js';
import { DeviceCodeAdapter } from './operations/oauth/device-code-adapter.js';
import { Devices } from './operations/oauth/devices.js';
import { Ending } from './operations/oauth/ending.js';
import { Issuers } from './operations/oauth/issuers.js';
import { SigningKeys } from './operations/oauth/signing-keys.js';
import { TokenAdapter } from './operations/oauth/token-adapter.js';
import { Tokens } from './operations/oauth/tokens.js';
import { Groups } from './operations/people/groups.js';
import { Giving } from './operations/people/giving.js';
import { HandingOver } from './operations/people/handing-over.js';
import { Owning } from './operations/people/owning.js';
import { Selves } from './operations/people/selves.js';
import { Users } from './operations/people/users.js';
import { Retaining } from './operations/retaining.js';
import { RotatingKeys } from './operations/rotating-keys.js';
import { Roles } from './operations/roles.js';
import { PersonAccess } from './operations/scim/person-access.js';
import { ScimGroups } from './operations/scim/scim-groups.js';
import { ScimJoining } from './operations/scim/scim-joining.js';
import { ScimPeople } from './operations/scim/scim-people.js';
import { ScimTokens } from './operations/scim/scim-tokens.js';
import { Scim } from './operations/scim/scim.js';
import { Arrivals } from './operations/sign-in/arrivals.js';
import { Connections } from './operations/sign-in/connections.js';
import { Providers } from './operations/sign-in/providers.js';
import { Sessions } from './operations/sign-in/sessions.js';
import { SigningIn } from './operations/sign-in/signing-in.js';
import { SigningOut } from './operations/sign-in/signing-out.js';
import { Teams } from './operations/teams.js';
import { Verifying } from './operations/verifying.js';
import { DataKeyStore } from './store/data-key.store.js';
import { DataKeys } from './operations/secrets/data-keys.js';
import { DataKeysHandler } from './messages/data-keys.handler.js';
import { MasterKeyRing } from './operations/secrets/master-key-ring.js';
import { OldMasterKeys } from './operations/secrets/old-master-keys.js';
import { OwnResealing } from './operations/secrets/own-resealing.js';
import { Rewrapping } from './operations/secrets/rewrapping.js';
import { KeyStore } from './store/key.store.js';
import { OldKeyStore } from './store/old-key.store.js';
import { InvitationStore } from './store/passwords/invitation.store.js';
import { PasswordStore } from './store/passwords/password.store.js';
import { ClientStore } from './store/oauth/client.store.js';
import { DeviceCodeStore } from './store/oauth/device-code.store.js';
import { OAuthKeyStore } from './store/oauth/oauth-key.store.js';
import { TokenStore } from './store/oauth/token.store.js';
import { BarredStore } from './store/people/barred.store.js';
import { GroupStore } from './store/people/group.store.js';
import { OwnedStore } from './store/people/owned.store.js';
import { UserStore } from './store/people/user.store.js';
import { PrincipalStore } from './store/principal.store.js';
import { RoleStore } from './store/role.store.js';
import { ScimGroupStore } from './store/scim/scim-group.store.js';
import { ScimTokenStore } from './store/scim/scim-token.store.js';
import { ScimUserStore } from './store/scim/scim-user.store.js';
import { ShellStore } from './store/scim/shell.store.js';
import { ConnectionStore } from './store/sign-in/connection.store.js';
import { SessionStore } from './store/sign-in/session.store.js';
import { UsedAssertionStore } from './store/sign-in/used-assertion.store.js';
import { Tables } from './store/tables.js';
import { TeamStore } from './store/team.store.js';

@Module({
  controllers: [
    AccessHandler,
    DeletionsHandler,
    PeopleHandler,
    OwnedHandler,
    PasswordsHandler,
    SignInHandler,
    ScimHandler,
    OAuthHandler,
    KeysHandler,
    RetentionHandler,
    DataKeysHandler,
  ],
  providers: [
    ...ownVault,
    Tables,
    KeyStore,
    OldKeyStore,
    TeamStore,
    RoleStore,
    BarredStore,
    UserStore,
    OwnedStore,
    GroupStore,
    ConnectionStore,
    ScimTokenStore,
    ScimUserStore,
    ScimGroupStore,
    ShellStore,
    SessionStore,
    UsedAssertionStore,
    PasswordStore,
    InvitationStore,
    ClientStore,
    DeviceCodeStore,
    TokenStore,
    OAuthKeyStore,
    PrincipalStore,
    OpenIdClient,
    SamlClient,
    Changing,
    BootstrapKey,
    KeyUses,
    Keys,
    RotatingKeys,
    Verifying,
    Teams,
    Accounts,
    Roles,
    Bindings,
    EndingRoles,
    EndingKeys,
    Deleting,
    Barring,
    DeletionStore,
    Users,
    Groups,
    Selves,
    Owning,
    Giving,
    HandingOver,
    Providers,
    Sessions,
    Connections,
    PersonAccess,
    ScimJoining,
    ScimPeople,
    ScimGroups,
    ScimTokens,
    Scim,
    Arrivals,
    SigningIn,
    SigningOut,
    Hashing,
    Authenticator,
    Opening,
    Passwords,
    PasswordSignIn,
    Invitations,
    Accepting,
    Organisations,
    Ending,
    TokenAdapter,
    SigningKeys,
    Issuers,
    AuthorizationServer,
    Calls,
    Clients,
    DeviceCodeAdapter,
    Devices,
    Tokens,
    Retaining,
    MasterKeyRing,
    DataKeyStore,
    OldMasterKeys,
    DataKeys,
    Rewrapping,
    OwnResealing,
  ],
})
export class AppModule {}
