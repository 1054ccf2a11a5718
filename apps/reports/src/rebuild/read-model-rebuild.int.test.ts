import { rmSync } from 'node:fs';
import type { LogEntry } from '@seguridad-abc/contracts';
import { createCheckpoint, type LogEpoch } from '@seguridad-abc/platform';
import { eventually, recordLogs, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuleAndAlarmChangesToPublish } from '../domain/projection.js';
import type { ReadLogPage } from '../projector/log-client.js';
import { buildLog, buildRuleCreated } from '../testing/log-entries.js';
import { openCurrentReadModel, type CurrentReadModel } from './current-read-model.js';
import { createReadModelRebuild, type ReadModelRebuild } from './read-model-rebuild.js';

const { logger } = recordLogs();
let folder: ReturnType<typeof temporaryFolder>;
let readModel: CurrentReadModel;
let rebuild: ReadModelRebuild;
let log: LogEntry[];
let published: number[];
/** The positions after which pages were read. */
let reads: number[];
/** Called before each page is read. */
let beforeRead: (after: number) => unknown;

beforeEach(async () => {
  folder = temporaryFolder();
  [log, published, reads, beforeRead] = [[], [], [], () => undefined];
  await open();
});
afterEach(async () => {
  await rebuild.stop();
  readModel.close();
  folder.remove();
});

async function open() {
  readModel = await openCurrentReadModel({
    folder: folder.path,
    onDamage: () => undefined,
    onReplaced: () => undefined,
    onCommitted: () => undefined,
    publish({ rules }: RuleAndAlarmChangesToPublish) {
      published.push(...rules.map(({ position }) => position));
      return Promise.resolve();
    },
    watchWrite: (written) => written,
    logger,
  });
  const readLogPage: ReadLogPage = async ({ position }, limit) => {
    reads.push(position);
    await beforeRead(position);
    const entries = log.slice(position, position + limit);
    return { logId: log[0]?.logId ?? 'log-1', head: log.length, entries };
  };
  const thread = { monitoringUrls: [], headers: {}, pageTimeoutMs: 0, logLevel: 'silent' };
  rebuild = createReadModelRebuild({ readModel, readLogPage, thread, minBulkEntries: Infinity, logger });
}
async function reopen() {
  readModel.close();
  await open();
}

const createRules = (count: number, logId = 'log-1') =>
  buildLog(
    Array.from({ length: count }, (_, index) => buildRuleCreated({ id: `rule-${index}` })),
    logId,
  );
/** Does what the projector does with the next entries of the log. */
async function project(upTo: number) {
  const { position } = readModel.writer.checkpoint;
  const entries = log.slice(position, upTo);
  await readModel.writer.apply(entries, createCheckpoint(entries[0]?.logId ?? null, upTo, undefined));
}
const startEpoch = (epoch: Partial<LogEpoch>) =>
  readModel.writer.startEpoch({ logId: 'log-2', head: 5, hasCheckpoint: false, ...epoch });

describe('a read model whose log was restored', () => {
  beforeEach(async () => {
    log = createRules(3);
    await project(3);
    readModel.markComplete();
    await startEpoch({});
    log = createRules(8, 'log-2');
    published = [];
  });

  it('stays incomplete when reports stops before it has the entries of the new epoch', async () => {
    await project(2);
    await reopen();
    expect(readModel.isIncomplete).toBe(true);
    await rebuild.start(readModel.rebuildReason ?? '');
    expect(readModel.isIncomplete).toBe(false);
    expect(readModel.writer.checkpoint).toMatchObject({ logId: 'log-2', position: 8 });
    expect(published).toEqual([]);
    await reopen();
    expect(readModel).toMatchObject({ isIncomplete: false, rebuildReason: undefined });
  });

  it('is complete at the next start if it has followed the new epoch', async () => {
    await project(5);
    await reopen();
    expect(readModel).toMatchObject({ isIncomplete: false, rebuildReason: undefined });
  });

  it('that is built again meanwhile publishes the changes after the restore, and none twice', async () => {
    await project(2);
    await rebuild.start('an operator has requested it');
    expect(readModel.writer.checkpoint.position).toBe(5);
    expect(readModel.isIncomplete).toBe(false);
    await project(8);
    expect(published).toEqual([6, 7, 8]);
  });

  it('that reaches the end of the restored log while it is built again publishes what is after it', async () => {
    await project(2);
    beforeRead = async () => {
      if (reads.length === 1) await project(7);
    };
    await rebuild.start('an operator has requested it');
    expect(readModel.writer.checkpoint.position).toBe(7);
    expect(published).toEqual([6, 7]);
  });
});

describe('a rebuild', () => {
  it('continues where it was when monitoring could not be read for a while', async () => {
    log = createRules(1_200);
    await project(1_200);
    readModel.markComplete();
    let failures = 0;
    beforeRead = (after) => {
      if (after >= 500 && failures++ < 1) throw new Error('no answer');
    };
    const rebuilt = rebuild.start('an operator has requested it');
    await eventually(() => expect(rebuild.progress?.problem).toMatch(/no answer/));
    await rebuilt;
    // The first read finds where the log ends.
    expect(reads).toEqual([0, 0, 500, 500, 1_000]);
    expect(readModel.writer.checkpoint.position).toBe(1_200);
  });

  it('replaces a file that was deleted while the log is empty', async () => {
    await rebuild.start(readModel.rebuildReason ?? '');
    expect(readModel.isIncomplete).toBe(false);
    for (const suffix of ['', '-wal', '-shm']) rmSync(readModel.file + suffix);
    await rebuild.start('it is damaged: the file was deleted', 'request');
    log = createRules(1);
    await project(1);
    await reopen();
    expect(readModel.writer.checkpoint.position).toBe(1);
    expect(published).toEqual([1]);
  });
});
