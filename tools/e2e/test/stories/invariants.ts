import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readAuditKey } from '@causeway/audit-chain';
import { auditSigningKey, openHome } from '@causeway/stack';
import { expect, test } from 'vitest';
import { checkInvariants, invariantReport } from '../../src/check-invariants.js';
import { quiet } from '../support/faults.js';
import { type Stack, databaseUrl } from '../support/stack.js';

/** Runs last: the invariants hold in the database after all other stories. */
export function invariantStories(
  stack: Stack,
  masterKey = () => openHome(stack.causeway.home).secrets.masterKey,
): void {
  test('every invariant holds at the end', { timeout: 120_000 }, async () => {
    await quiet(stack);
    const { secrets, logs: logFolder } = openHome(stack.causeway.home);
    const hidden = { texts: Object.values(secrets), logFolder, redisUrl: stack.causeway.servers.redis.url };
    const auditKeys = [readAuditKey(auditSigningKey(secrets))];
    const database = { url: databaseUrl(stack.causeway), masterKey: masterKey(), auditKeys, hidden };
    const checked = await checkInvariants(database, stack.api.told);
    const report = invariantReport(checked);
    process.stdout.write(`${report}\n`);
    expect(report).toMatch(/^17 checked, 0 violated$/m);
    for (const { number, looked } of checked)
      if (![8, 10, 16].includes(number)) expect([number, looked > 0]).toEqual([number, true]);
  });
  test('no service was refused a message by its NATS login', () => {
    const folder = join(stack.causeway.home, 'logs');
    const services = readdirSync(folder).filter((name) => name.endsWith('.log') && name !== 'nats.log');
    expect(services.length).toBeGreaterThan(5);
    for (const name of services)
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain('Permissions Violation');
  });
}
