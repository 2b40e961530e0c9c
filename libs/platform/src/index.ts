import 'reflect-metadata';
export {
  defineSettings,
  environmentName,
  type SettingDeclaration,
  type SettingsDefinition,
  type SettingsOf,
} from './settings/define-settings.js';
export {
  platformSettings,
  type LogLevel,
  type PlatformSettings,
  type ServiceSettings,
} from './settings/platform-settings.js';
export {
  SETTINGS_EXIT_CODE,
  SettingsError,
  describeSettings,
  readSettings,
  type SettingDescription,
} from './settings/read-settings.js';
export { runService, type ReadyMessage } from './service/run-service.js';
export type { RunningService, ServiceOptions } from './service/service-options.js';
export { SETTINGS } from './service/platform-module.js';
export { routeUnknown } from './http/http-error.js';
export { exposedHeaders } from './http/exposed-headers.js';
export type { HttpOptions } from './http/http-options.js';
export { isConnectionError, unavailableDatabase } from './database/connection-errors.js';
export { isTraced } from './telemetry/span.js';
export { Lifecycle } from './service/lifecycle.js';
export { Rounds, type RoundsOptions } from './service/rounds.js';
export {
  SESSION_PREFIX,
  SCIM_TOKEN_PREFIX,
  TOKEN_PREFIX,
  apiKeyHash,
  newApiKey,
  newClientSecret,
  newInvitationToken,
  newScimToken,
  newSessionToken,
  storedKey,
  type StoredKey,
} from './identity/api-key.js';
export {
  currentContext,
  extendContext,
  withContext,
  withoutContext,
  type Context,
} from './context/context.js';
export { checkDeadline } from './context/deadline.js';
export { firstIdAt, newId } from './context/new-id.js';
export { waitAtMost } from './context/wait-at-most.js';
export { Floods, type FloodRules } from './logging/floods.js';
export { log, tapLog, type Log, type LogFields } from './logging/log.js';
export { span, type SpanAttributes, type SpanOptions } from './telemetry/span.js';
export {
  counter,
  gauge,
  histogram,
  observedCounter,
  showMetricsOf,
  type Counter,
  type ForeignMetrics,
  type Histogram,
  type MetricLabels,
  type Reading,
} from './telemetry/metrics.js';
export { Bus, type LiveSubscription, type RequestOptions } from './messaging/bus/bus.js';
export { Doorbells, type Intake } from './messaging/servers/doorbells.js';
export {
  Handles,
  type Handler,
  type HandledContract,
  type HandlerResult,
} from './messaging/servers/handles.js';
export type { MessageContext } from './messaging/servers/message-context.js';
export { Database, type Queryable } from './database/database.js';
export type { DatabaseOptions } from './database/database-options.js';
export { openDatabase } from './database/open-database.js';
export { onceReachable } from './database/once-reachable.js';
export { Turns } from './database/turns.js';
export { GroupWriter, type GroupWriterOptions } from './database/group-writer.js';
export {
  OUTBOX_TABLE,
  insertOutbox,
  outboxArrays,
  outboxInsertSql,
  outboxRow,
  type OutboxArrays,
  type OutboxRow,
} from './outbox/outbox.js';
export { OutboxRelay } from './outbox/outbox-relay.js';
export {
  ObjectStore,
  objectName,
  type ObjectPage,
  type ObjectRange,
  type ObjectSource,
  type PutOptions,
  type StoredObject,
} from './objects/object-store.js';
export { DiskGuard } from './disk/disk-guard.js';
export { FolderStore } from './objects/folder-store.js';
export { removeObjectsOfRuns } from './objects/objects-of-runs.js';
export { SealedFiles, type SealedFile, placeOfFile, placeOfGivenFile } from './objects/sealed-files.js';
export { Payloads, inlineText, type PayloadOwner } from './objects/payloads.js';
export { textBytes } from './objects/text-bytes.js';
export { Retention } from './retention/retention.js';
export { RetentionService } from './retention/retention-service.js';
export { type TableBound } from './retention/table-bound.js';
export { measureRows } from './retention/measure-rows.js';
export { orphans, type OrphanOptions } from './retention/orphans.js';
export { MOST_COUNTED, type Due, type Removed, type RetainedKind } from './retention/retained-kind.js';
export { Vault, dataKeyOf } from './vault/vault.js';
export { KeySource, SealedKind, type RowKey, type SealedPlace } from './vault/key-source.js';
export { DataKeys, type DataKey, type KeyOwner } from './vault/data-keys.js';
export { KeyExchange, type OpenQuestion } from './vault/key-exchange.js';
export { aboutAuditStream, aboutDataKey, aboutOldFileKey, aboutOldValue } from './vault/key-subjects.js';
export { MasterKeys, readMasterKeys, type KeyWrapping, type WrappedKey } from './vault/master-keys.js';
export { OldVault, oldKeyId } from './vault/old-vault.js';
export { commaSeparated } from './settings/comma-separated.js';
export { environmentWithout } from './settings/environment-without.js';
export { publicKeyOf, readSigningKey, readTrustedKeys } from './identity/keys.js';
export { Cache, cacheKey, openCache } from './cache/cache.js';
export { type SharedCount, type SharedCounters } from './cache/shared-counters.js';
export { zod } from './http/zod.js';
