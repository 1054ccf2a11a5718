import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { runTool, startTool, stopTools } from './run-tool.js';

afterEach(stopTools);

it('tells the whole story in its order, and ends well', async () => {
  const { code, stdout, stderr } = await runTool('demo', []);
  expect(code, stdout + stderr).toBe(0);
  const order = [
    /reports +UP/,
    /7 created, 0 there already, 0 refused/,
    /Reports has them:/,
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
    /It has the 7 rules as before/,
    /All is stopped/,
  ];
  let rest = stdout;
  for (const part of order) {
    const match = part.exec(rest);
    expect(match, `${String(part)} in:\n${rest}`).not.toBeNull();
    rest = rest.slice((match?.index ?? 0) + (match?.[0].length ?? 0));
  }
});

it.each(['well', 'gone'])(
  'interrupted while its gateway is %s, it leaves nothing running',
  async (gateway) => {
    const { child, ended } = startTool('demo', []);
    let output = '';
    child.stdout!.on('data', (text: string) => (output += text));
    while (!/ready: \S+[^]*gateway +UP/.test(output)) await once(child.stdout!, 'data');
    const [, url = ''] = /ready: (\S+)/.exec(output) ?? [];
    if (gateway === 'gone') {
      const pid = execFileSync('pgrep', ['-P', String(child.pid), '-f', 'apps/gateway/'], {
        encoding: 'utf8',
      });
      process.kill(Number(pid), 'SIGKILL');
      while ((await fetch(url).catch(() => undefined)) !== undefined);
    }
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  },
);
