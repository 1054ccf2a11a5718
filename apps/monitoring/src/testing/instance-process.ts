// An instance of monitoring's storage as a separate process, for tests that kill or freeze it. Argument: the URL of the database.
// It writes `started`, `elected` and `deposed` to its output.
import { createLogger } from '@seguridad-abc/platform';
import { getQuotas, readMonitoringConfig } from '../config.js';
import { openPostgresMonitoringDatabase } from '../db/postgres-database.js';
import { createLeadership } from '../leadership/create-leadership.js';
import { runWhileLeading } from '../leadership/leadership.js';
import { createWakeUpSignal } from '../log/relay.js';
import { createMonitoringStorage } from '../storage.js';

const url = process.argv[2] ?? '';
const logger = createLogger('monitoring', 'silent');
const database = await openPostgresMonitoringDatabase({ url, logger });
const leadership = createLeadership(database, logger);
const { scheduler } = await createMonitoringStorage(database, {
  maxGroupSize: 256,
  latenessAllowanceMs: 0,
  quotas: getQuotas(readMonitoringConfig({})),
  zoneDataVersion: 'test',
  now: () => new Date().toISOString(),
  appended: createWakeUpSignal(),
  leadership,
  logger,
});
const report = (line: string) => void process.stdout.write(`${line}\n`);
report('started');
leadership.onElected(() => report('elected'));
leadership.onDeposed(() => report('deposed'));
runWhileLeading(leadership, scheduler);
await leadership.start();
