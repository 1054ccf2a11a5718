import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../failure.mjs';
import { startOwnPlatform } from '../../platform/own-platform.mjs';
import { ROOT } from '../../root.mjs';
import { SERVICES } from '../../services.mjs';
import { statusStyle } from '../cli/paint.mjs';
import { createHttpClient } from '../client/http-client.mjs';
import { createSocketClient } from '../client/socket-client.mjs';
import { importRules } from '../import/import-rules.mjs';
import { readRules } from '../import/read-rules.mjs';
import { reportText } from '../import/report.mjs';
import { playADay } from './a-day.mjs';
import { watchHealth } from './health-watch.mjs';
import { inTime } from './in-time.mjs';
import { readRulesOf, ruleTable } from './rules-of.mjs';

/** Half of what services beat by elsewhere, to tell it in less time. */
const INTERVAL_MS = 1_000;
/** Each step has so long, on a slow machine too. */
const STEP_MS = 20_000;

const RULES = join('examples', 'rules.csv');
const USER = 'ana';
/** The rules hold for the sample readings too. */
const BEGINNING = '2025-01-01T00:00:00Z';
const ALL = SERVICES.map(({ name }) => name);

/**
 * @typedef {object} Teller
 * @property {import('./narrator.mjs').Narrator} narrator
 * @property {(style: import('../cli/paint.mjs').Style, text: string) => string} paint
 * @property {AbortSignal} signal
 */

/**
 * The main job, on a platform that is there only for it.
 *
 * @param {string} redisProgram
 * @param {Teller} teller
 * @throws {Failure} where a step does not come to what it should
 */
export async function tellStory(redisProgram, teller) {
  const { narrator, signal } = teller;
  narrator.tell('A Redis and four services start, on free ports, with their data in a temporary folder.');
  const settings = { HEARTBEAT_INTERVAL_MS: String(INTERVAL_MS) };
  const platform = await startOwnPlatform({ redisProgram, settings, signal });
  const socket = createSocketClient(platform.url, platform.authorize);
  try {
    narrator.tell(`They are ready: ${platform.url.href}`);
    await playOn(platform, socket, teller);
  } finally {
    // It waits for the connection that is being made, and fails with that: not to be waited for.
    Promise.resolve(socket.dispose()).catch(() => undefined);
    await platform.close();
  }
  narrator.tell('All is stopped, and its data removed.');
}

/** @param {import('../../platform/own-platform.mjs').OwnPlatform} platform @param {import('graphql-ws').Client} socket @param {Teller} teller */
async function playOn(platform, socket, { narrator, paint, signal }) {
  const client = createHttpClient(platform.url, { authorize: platform.authorize });
  narrator.tell(
    `A client subscribes to heartbeat over WebSocket; every service beats each ${INTERVAL_MS / 1_000} s.`,
  );
  const health = watchHealth(socket, ({ name, status, reason }) =>
    narrator.tell(`  ${name.padEnd(10)} ${paint(statusStyle(status), status.padEnd(7))} ${reason}`),
  );
  const becomes = (/** @type {readonly string[]} */ names, /** @type {string} */ status) =>
    inTime(`${names.join(', ')} ${status}`, STEP_MS, health.until(names, status), signal);
  await becomes(ALL, 'UP');

  const rows = readRules(await readFile(join(ROOT, RULES)), {
    userId: USER,
    effectiveFrom: BEGINNING,
  });
  const { imported, cut } = await importRules(client, rows, { signal });
  narrator.tell(`${RULES} is imported for the user ${USER}: ${reportText(imported, rows.length)}`);
  if (cut) throw cut;
  if (imported.some(({ kind }) => kind !== 'created')) throw new Failure('Not every rule was created.');

  const reading = readRulesOf(client, USER, rows.length, signal);
  const rules = await inTime(`The rules of ${USER} in reports`, STEP_MS, reading, signal);
  narrator.tell(`Reports has them:\n${ruleTable(rules)}`);

  await playADay(client, socket, USER, {
    tell: (text) => narrator.tell(text),
    inTime: (what, work) => inTime(what, STEP_MS, work, signal),
    signal,
  });

  await platform.kill('reports');
  narrator.tell('reports is killed (SIGKILL).');
  await becomes(['reports'], 'LATE');
  await becomes(['reports'], 'DOWN');
  await inTime('The start of reports', STEP_MS, platform.start('reports'), signal);
  narrator.tell('reports is started again.');
  await becomes(['reports'], 'UP');
  const again = readRulesOf(client, USER, rows.length, signal);
  narrator.tell(
    `It has the ${(await inTime('The rules again', STEP_MS, again, signal)).length} rules as before.`,
  );
}
