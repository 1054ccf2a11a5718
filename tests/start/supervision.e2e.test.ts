import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  stopInOrder,
  superviseProgram,
  waitUntilStarted,
  type Program,
  type SupervisedProgram,
} from '@seguridad-abc/cli';
import { eventually, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

let folder: ReturnType<typeof temporaryFolder>;
let supervised: SupervisedProgram[];
let notices: string[];
let lines: string[];

beforeEach(() => {
  folder = temporaryFolder();
  [supervised, notices, lines] = [[], [], []];
});
afterEach(async () => {
  await stopInOrder(supervised);
  folder.remove();
});

/** Reports that it is ready, and writes a line when it is stopped. */
const HEALTHY_SOURCE = `
  process.on('SIGTERM', () => { console.log('stopped'); process.exit(0); });
  setInterval(() => {}, 1000);
  process.send('ready');
`;

/** Supervises a program with this source code. */
function supervise(
  name: string,
  source: string,
  stopOrder = 1,
  options: Partial<Program> = {},
): SupervisedProgram {
  const file = join(folder.path, `${name}.cjs`);
  writeFileSync(file, source);
  const program = superviseProgram(
    {
      name,
      command: process.execPath,
      args: [file],
      ipc: true,
      stopOrder,
      waitUntilReady: (child, signal) =>
        new Promise((resolve, reject) => {
          child.once('message', () => resolve());
          signal.addEventListener('abort', () => reject(new Error('ended')));
        }),
      ...options,
    },
    {
      onNotice: (text) => notices.push(text),
      onOutput: (from, line) => lines.push(`${from}: ${line}`),
    },
  );
  supervised.push(program);
  return program;
}

const waitForStart = (...programs: SupervisedProgram[]) =>
  waitUntilStarted(programs, { signal: new AbortController().signal, log: () => undefined });

describe('a program that ends', () => {
  test('is named and restarted, while the others keep running', async () => {
    const [a, b] = [supervise('a', HEALTHY_SOURCE), supervise('b', HEALTHY_SOURCE)];
    await waitForStart(a, b);
    const [pidOfA, pidOfB] = [a.getPid()!, b.getPid()!];
    process.kill(pidOfA, 'SIGKILL');
    await eventually(() => expect(notices).toHaveLength(2));
    expect(notices).toEqual([
      'a ended with signal SIGKILL; it restarts in 0.5 s.',
      `a is ready again (pid ${a.getPid()!}).`,
    ]);
    expect(a.getPid()).not.toBe(pidOfA);
    expect(b.getPid()).toBe(pidOfB);
  });

  test('is restarted with growing delays, and its output is shown', async () => {
    const flag = JSON.stringify(join(folder.path, 'flag'));
    const a = supervise(
      'a',
      `if (require('fs').existsSync(${flag})) { console.error('no more'); process.exit(3); } ${HEALTHY_SOURCE}`,
    );
    await waitForStart(a);
    writeFileSync(join(folder.path, 'flag'), '');
    process.kill(a.getPid()!, 'SIGKILL');
    await eventually(() => expect(notices).toHaveLength(3));
    expect(notices.slice(1)).toEqual([
      'a ended with exit code 3; it restarts in 1 s.',
      'a ended with exit code 3; it restarts in 2 s.',
    ]);
    expect(lines).toEqual(['a: no more', 'a: no more']);
  });
});

describe('a program that cannot start', () => {
  test('fails the start with the messages of all programs, each once, and is not restarted', async () => {
    const failing = (sentence: string) => `console.error('${sentence}'); process.exitCode = 1;`;
    const programs = [
      supervise('a', failing('Same.')),
      supervise('b', failing('Same.')),
      supervise('c', failing('Other.')),
    ];
    await expect(waitForStart(...programs, supervise('d', HEALTHY_SOURCE))).rejects.toThrow(
      /^(Same\.\nOther\.|Other\.\nSame\.)$/,
    );
    expect(notices).toEqual([]);
    expect(programs.map((program) => program.getPid())).toEqual([undefined, undefined, undefined]);
  });

  test('is named if it writes nothing', async () => {
    await expect(waitForStart(supervise('a', 'process.exitCode = 7;'))).rejects.toThrow(
      'a ended with exit code 7 before it was ready.',
    );
  });

  test('is reported if the program does not exist', async () => {
    const missing = superviseProgram(
      {
        name: 'a',
        command: '/nowhere/a',
        args: [],
        stopOrder: 1,
        waitUntilReady: () => new Promise(() => undefined),
      },
      { onNotice: () => undefined, onOutput: () => undefined },
    );
    await expect(waitForStart(missing)).rejects.toThrow('spawn /nowhere/a ENOENT');
  });
});

describe('stopping', () => {
  test('follows the stop order, and shows the programs’ last output', async () => {
    const programs = [
      supervise('late', HEALTHY_SOURCE, 3),
      supervise('first', HEALTHY_SOURCE, 1),
      supervise('second', HEALTHY_SOURCE, 2),
    ];
    await waitForStart(...programs);
    await stopInOrder(programs);
    expect(lines).toEqual(['first: stopped', 'second: stopped', 'late: stopped']);
    expect(notices).toEqual([]);
  });

  test('does not wait for a restart delay', async () => {
    const a = supervise('a', HEALTHY_SOURCE);
    await waitForStart(a);
    process.kill(a.getPid()!, 'SIGKILL');
    await eventually(() => expect(notices).toHaveLength(1));
    await stopInOrder([a]);
    expect(a.getPid()).toBeUndefined();
    expect(notices).toHaveLength(1);
  });

  test('reaches a suspended program', async () => {
    const a = supervise('a', HEALTHY_SOURCE);
    await waitForStart(a);
    process.kill(a.getPid()!, 'SIGSTOP');
    await stopInOrder([a]);
    expect(lines).toEqual(['a: stopped']);
    expect(notices).toEqual([]);
  });
});

describe('a program that hangs', () => {
  const RESPONDING_SOURCE = `${HEALTHY_SOURCE} setInterval(() => process.send('alive'), 200);`;

  test.runIf(process.platform === 'linux').each([
    ['is suspended', RESPONDING_SOURCE, (pid: number) => process.kill(pid, 'SIGSTOP'), 'it is suspended'],
    [
      'has a blocked event loop',
      // The handler comes before the message that the process is ready: the signal would end it.
      `process.on('SIGUSR2', () => { for (;;); }); ${RESPONDING_SOURCE}`,
      (pid: number) => process.kill(pid, 'SIGUSR2'),
      'its event loop is blocked by a computation',
    ],
  ])('because it %s is killed and restarted', async (_, source, hang, reason) => {
    const a = supervise('a', source, 1, { hangTimeoutMs: 2_000 });
    await waitForStart(a);
    hang(a.getPid()!);
    await eventually(() => expect(notices).toHaveLength(3), 60_000);
    expect(notices).toEqual([
      `a has not responded for 2 s (${reason}); it is killed.`,
      'a ended with signal SIGKILL; it restarts in 0.5 s.',
      `a is ready again (pid ${a.getPid()!}).`,
    ]);
  });
});

describe('a program that is replaced', () => {
  test('stops before the new process starts, after others have prepared', async () => {
    const prepare = vi.fn(() => Promise.resolve());
    const a = supervise('a', HEALTHY_SOURCE, 1, { replacement: { overlaps: false, prepare } });
    await waitForStart(a);
    const pid = a.getPid();
    await a.replace();
    expect(prepare).toHaveBeenCalledOnce();
    expect(lines).toEqual(['a: stopped']);
    expect(a.getPid()).not.toBe(pid);
    expect(notices).toEqual([`a is ready again (pid ${a.getPid()!}).`]);
  });

  test('receives a message that another process takes its place', async () => {
    const source = `${HEALTHY_SOURCE} process.on('message', () => { console.log('replaced'); process.exit(0); });`;
    const drain = (child: ChildProcess) => void child.send('drain');
    const a = supervise('a', source, 1, { replacement: { overlaps: false, drain } });
    await waitForStart(a);
    await a.replace();
    expect(lines).toEqual(['a: replaced']);
  });

  test('may end by itself while others prepare', async () => {
    const prepare = async () => {
      process.kill(a.getPid()!, 'SIGKILL');
      await eventually(() => expect(notices).toHaveLength(2));
    };
    const a = supervise('a', HEALTHY_SOURCE, 1, { replacement: { overlaps: false, prepare } });
    await waitForStart(a);
    const pid = a.getPid();
    await a.replace();
    expect(a.getPid()).not.toBe(pid);
    expect(lines).toEqual([]);
  });

  test('that overlaps stops when the new process is ready', async () => {
    const a = supervise('a', HEALTHY_SOURCE, 1, { replacement: { overlaps: true } });
    await waitForStart(a);
    const pid = a.getPid();
    const replaced = a.replace();
    await eventually(() => expect(notices).toHaveLength(1));
    await replaced;
    await eventually(() => expect(a.getPid()).not.toBe(pid));
    expect(notices).toEqual([`a is ready again (pid ${a.getPid()!}).`]);
    expect(lines).toEqual(['a: stopped']);
  });

  test('that overlaps stays if the new process does not start', async () => {
    const flag = JSON.stringify(join(folder.path, 'flag'));
    const a = supervise(
      'a',
      `if (require('fs').existsSync(${flag})) { process.exit(3); } ${HEALTHY_SOURCE}`,
      1,
      { replacement: { overlaps: true } },
    );
    await waitForStart(a);
    const pid = a.getPid();
    writeFileSync(join(folder.path, 'flag'), '');
    await expect(a.replace()).rejects.toThrow(
      /^The new process of a \(pid \d+\) ended with exit code 3 before it was ready\.$/,
    );
    expect(a.getPid()).toBe(pid);
    expect(lines).toEqual([]);
  });
});
