import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryListen } from '../../shared/bootstrap.js';
import { SERVICES, type InstallationSettings, type ServiceName } from '../../shared/installation-settings.js';

/** Time for a port to become free: services stop by themselves after their start process is killed. */
const PORT_WAIT_MS = 2_000;
const RETRY_INTERVAL_MS = 100;

/**
 * Finds the ports that the services cannot use. Invalid ports are skipped: the services report them.
 * @param options `waitMs`: how long a port may take to become free. `ignored`: services whose ports are not checked
 * @returns messages that name who uses a port, and settings of free ports
 */
export async function findPortProblems(
  { host, ports }: Pick<InstallationSettings, 'host' | 'ports'>,
  {
    waitMs = PORT_WAIT_MS,
    ignored = new Set(),
  }: { readonly waitMs?: number; readonly ignored?: ReadonlySet<ServiceName> } = {},
): Promise<readonly string[]> {
  const ignoredSettings = new Set<string>(
    SERVICES.filter(({ name }) => ignored.has(name)).map(({ portSetting }) => portSetting),
  );
  const validPorts = Object.entries(ports)
    .filter(([setting]) => !ignoredSettings.has(setting))
    .map(([setting, port]) => ({ setting, port: Number(port) }))
    .filter(({ port }) => port >= 1 && port <= 65_535);
  const deadline = performance.now() + waitMs;
  const codes = await Promise.all(validPorts.map(({ port }) => tryUntilFree(host, port, deadline)));
  let next = Math.max(0, ...validPorts.map(({ port }) => port));
  const messages: string[] = [];
  const freePorts: string[] = [];
  for (const [index, { setting, port }] of validPorts.entries()) {
    const code = codes[index];
    if (code === undefined) continue;
    const isInUse = code === 'EADDRINUSE';
    const problem = isInUse ? `is in use by ${describePortHolder(port)}` : `fails (${code})`;
    messages.push(`Port ${port} on ${host} (${setting}) ${problem}.`);
    if (!isInUse) continue;
    do next++;
    while ((await tryListen(host, next)) !== undefined);
    freePorts.push(`${setting}=${next}`);
  }
  const hint = 'Stop what uses these ports, or set free ones in the file .env, which all commands read:';
  return freePorts.length > 0 ? [...messages, hint, ...freePorts] : messages;
}

/** @returns an error code if the port cannot be used, even after the deadline */
async function tryUntilFree(host: string, port: number, deadline: number): Promise<string | undefined> {
  for (;;) {
    const code = await tryListen(host, port);
    if (code !== 'EADDRINUSE' || performance.now() >= deadline) return code;
    await sleep(RETRY_INTERVAL_MS);
  }
}

/** Names the program that listens on a port, if ss (Linux) or lsof (macOS) shows it. */
export function describePortHolder(port: number): string {
  const ss = spawnSync('ss', ['-Hltnp', `sport = :${port}`], { encoding: 'utf8' });
  const lsof = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { encoding: 'utf8' });
  const match =
    /"(?<name>[^"]+)",pid=(?<pid>\d+)/.exec(ss.stdout) ?? /^p(?<pid>\d+)\nc(?<name>.+)/.exec(lsof.stdout);
  if (!match) return 'another program, which this user cannot see';
  return `${match.groups?.['name'] ?? ''} (pid ${match.groups?.['pid'] ?? ''})`;
}
