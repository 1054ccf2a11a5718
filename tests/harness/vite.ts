import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXAMPLE = fileURLToPath(new URL('../../examples/react/', import.meta.url));
const VITE = join(
  dirname(createRequire(join(EXAMPLE, 'package.json')).resolve('vite/package.json')),
  'bin',
  'vite.js',
);

type Environment = Readonly<Record<string, string>>;

/** Vite in the folder of the example page, as its scripts run it. */
function vite(args: readonly string[], env: Environment) {
  const child = spawn(process.execPath, [VITE, ...args], {
    cwd: EXAMPLE,
    // Not the NODE_ENV of the tests: Vite would build for it.
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => void (output += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`vite ${args.join(' ')} ended:\n${output}`);
  });
  return { child, ended, output: () => output };
}

export interface ViteServer {
  /** Of its page. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param args of vite: none for the development server, `preview` for what is built */
export async function serveExample(
  args: readonly string[],
  port: number,
  env: Environment = {},
): Promise<ViteServer> {
  const { child, ended, output } = vite([...args, '--port', String(port), '--strictPort'], env);
  const url = `http://127.0.0.1:${port}/`;
  await Promise.race([untilSaid(child, () => output().includes(url)), ended]);
  ended.catch(() => undefined);
  return {
    url,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** @param folder where the built page goes */
export const buildExample = (folder: string, env: Environment): Promise<void> =>
  vite(['build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'], env).ended;

const untilSaid = (child: ChildProcess, said: () => boolean) =>
  new Promise<void>((resolve) => {
    child.stdout?.on('data', () => {
      if (said()) resolve();
    });
  });
