export { type Migrated, type MigrateOptions, migrateAll, readStatus, urlsOf } from './apply.js';
export { draftMigration, findUndrafted } from './draft.js';
export { type MigrationStatus, MigrationState } from './history.js';
export { type Service, findServices } from './services.js';
