import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keepRunning, type Kept } from '../../scripts/lib/supervise/keep-running.mjs';
import { stopAll } from '../../scripts/lib/supervise/stop-all.mjs';
import { untilAllStarted } from '../../scripts/lib/supervise/until-all-started.mjs';

let folder: ReturnType<typeof temporaryFolder>;
let kept: Kept[];
let notices: string[];
let lines: string[];

beforeEach(() => {
  folder = temporaryFolder();
  [kept, notices, lines] = [[], [], []];
});
afterEach(async () => {
  await stopAll(kept);
  folder.remove();
});

/** Says so when it is ready, and why it stops. */
const WELL = `
  process.on('SIGTERM', () => { console.log('stopped'); process.exit(0); });
  setInterval(() => {}, 1000);
  process.send('ready');
`;

/** A program of a few lines that is kept running. */
function keep(name: string, source: string, stopsAt = 1): Kept {
  const file = join(folder.path, `${name}.cjs`);
  writeFileSync(file, source);
  const program = keepRunning(
    {
      name,
      command: process.execPath,
      args: [file],
      ipc: true,
      stopsAt,
      untilReady: (child) => new Promise((resolve) => child.once('message', () => resolve())),
    },
    { notice: (text) => notices.push(text), line: (from, line) => lines.push(`${from}: ${line}`) },
  );
  kept.push(program);
  return program;
}

const untilStarted = (...programs: Kept[]) =>
  untilAllStarted(programs, { signal: new AbortController().signal, say: () => undefined });

describe('a program that dies', () => {
  test('is named and started again, while the others go on', async () => {
    const [a, b] = [keep('a', WELL), keep('b', WELL)];
    await untilStarted(a, b);
    const [pidOfA, pidOfB] = [a.pid()!, b.pid()!];
    process.kill(pidOfA, 'SIGKILL');
    await eventually(() => expect(notices).toHaveLength(2));
    expect(notices).toEqual([
      'a ended with signal SIGKILL; it is started again in 0.5 s.',
      `a is ready again (pid ${a.pid()!}).`,
    ]);
    expect(a.pid()).not.toBe(pidOfA);
    expect(b.pid()).toBe(pidOfB);
  });

  test('is tried again ever more rarely, with what it says on the way', async () => {
    const flag = JSON.stringify(join(folder.path, 'flag'));
    const a = keep(
      'a',
      `if (require('fs').existsSync(${flag})) { console.error('no more'); process.exit(3); } ${WELL}`,
    );
    await untilStarted(a);
    writeFileSync(join(folder.path, 'flag'), '');
    process.kill(a.pid()!, 'SIGKILL');
    await eventually(() => expect(notices).toHaveLength(3));
    expect(notices.slice(1)).toEqual([
      'a ended with exit code 3; it is started again in 1 s.',
      'a ended with exit code 3; it is started again in 2 s.',
    ]);
    expect(lines).toEqual(['a: no more', 'a: no more']);
  });
});

describe('a program that cannot start', () => {
  test('ends the start with what all of them say, each sentence once, and is not tried again', async () => {
    const failing = (sentence: string) => `console.error('${sentence}'); process.exitCode = 1;`;
    const programs = [keep('a', failing('Same.')), keep('b', failing('Same.')), keep('c', failing('Other.'))];
    await expect(untilStarted(...programs, keep('d', WELL))).rejects.toThrow(
      /^(Same\.\nOther\.|Other\.\nSame\.)$/,
    );
    expect(notices).toEqual([]);
    expect(programs.map((program) => program.pid())).toEqual([undefined, undefined, undefined]);
  });

  test('is named where it says nothing', async () => {
    await expect(untilStarted(keep('a', 'process.exitCode = 7;'))).rejects.toThrow(
      'a ended with exit code 7 before it was ready.',
    );
  });

  test('because there is no such program is told too', async () => {
    const nothing = keepRunning(
      {
        name: 'a',
        command: '/nowhere/a',
        args: [],
        stopsAt: 1,
        untilReady: () => new Promise(() => undefined),
      },
      { notice: () => undefined, line: () => undefined },
    );
    await expect(untilStarted(nothing)).rejects.toThrow('spawn /nowhere/a ENOENT');
  });
});

describe('stopping', () => {
  test('goes rank by rank, and what was ready on stderr before is told', async () => {
    const programs = [keep('late', WELL, 3), keep('first', WELL, 1), keep('second', WELL, 2)];
    await untilStarted(...programs);
    await stopAll(programs);
    expect(lines).toEqual(['first: stopped', 'second: stopped', 'late: stopped']);
    expect(notices).toEqual([]);
  });

  test('does not wait out a pause before the next try', async () => {
    const a = keep('a', WELL);
    await untilStarted(a);
    process.kill(a.pid()!, 'SIGKILL');
    await eventually(() => expect(notices).toHaveLength(1));
    await stopAll([a]);
    expect(a.pid()).toBeUndefined();
    expect(notices).toHaveLength(1);
  });

  test('reaches a program that somebody holds still', async () => {
    const a = keep('a', WELL);
    await untilStarted(a);
    process.kill(a.pid()!, 'SIGSTOP');
    await stopAll([a]);
    expect(lines).toEqual(['a: stopped']);
    expect(notices).toEqual([]);
  });
});
