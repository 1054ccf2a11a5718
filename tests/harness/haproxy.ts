import { findHaproxy, prepareBalancer, startProgram } from '@seguridad-abc/cli';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';

/** The balancer of deploy/haproxy, as a process of a test. */
export interface TestBalancer {
  readonly origin: string;
  /** Asks it to stop: it accepts nothing new. Resolves when its clients have finished. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** Whether this machine has haproxy. Tests that need it are skipped otherwise. */
export const hasHaproxy = (): boolean => findHaproxy() !== undefined;

/** @param gateways addresses by name, such as `127.0.0.1:4001` */
export async function startHaproxy(gateways: Readonly<Record<string, string>>): Promise<TestBalancer> {
  const program = findHaproxy();
  if (program === undefined) throw new Error('This machine has no haproxy.');
  const folder = temporaryFolder();
  const port = await freePort();
  const { signal } = new AbortController();
  const balancer = await startProgram(
    prepareBalancer({ program, folder: folder.path, host: '127.0.0.1', port, gateways, stopOrder: 1 }),
    { signal },
  );
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: () => balancer.stop(),
    async close() {
      balancer.signal('SIGKILL');
      await balancer.ended;
      folder.remove();
    },
  };
}
