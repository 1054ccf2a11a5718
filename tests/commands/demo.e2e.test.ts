import { execFileSync } from 'node:child_process';
import { afterEach, expect, it } from 'vitest';
import { runCommand, startCommand, stopScripts } from '../harness/script-process.js';

afterEach(stopScripts);

it('shows every step in order, and succeeds', async () => {
  const { code, stdout, stderr } = await runCommand('demo');
  expect(code, stdout + stderr).toBe(0);
  const order = [
    /reports +UP/,
    /7 created, 0 already there, 0 refused/,
    /Reports has the rules:/,
    /Cold room not left open/,
    /A day of \S+openings.csv is replayed/,
    /RAISED +\w+ +\S.*: open /,
    /ACKNOWLEDGED/,
    /the first is acknowledged by operator/,
    /reports is killed/,
    /reports +LATE +heartbeat \d.* late/,
    /reports +DOWN +no heartbeat for \d/,
    /reports is started again/,
    /reports +UP/,
    /It has the same 7 rules as before/,
    /Everything is stopped/,
  ];
  let rest = stdout;
  for (const part of order) {
    const match = part.exec(rest);
    expect(match, `${String(part)} in:\n${rest}`).not.toBeNull();
    rest = rest.slice((match?.index ?? 0) + (match?.[0].length ?? 0));
  }
});

it.each(['running', 'killed'])(
  'Ctrl-C stops all of its programs while its gateway is %s',
  async (gateway) => {
    const demo = startCommand('demo');
    const [, url = ''] = await demo.waitForOutput(/ready: (\S+)[^]*gateway +UP/);
    if (gateway === 'killed') {
      const pid = execFileSync('pgrep', ['-P', String(demo.child.pid), '-f', 'apps/gateway/'], {
        encoding: 'utf8',
      });
      process.kill(Number(pid), 'SIGKILL');
      while ((await fetch(url).catch(() => undefined)) !== undefined);
    }
    demo.child.kill('SIGINT');
    expect(await demo.exitCode).toBe(130);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  },
);
