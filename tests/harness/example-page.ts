import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXAMPLE_FOLDER = fileURLToPath(new URL('../../examples/react/', import.meta.url));
const VITE_PROGRAM = join(
  dirname(createRequire(join(EXAMPLE_FOLDER, 'package.json')).resolve('vite/package.json')),
  'bin',
  'vite.js',
);

type Environment = Readonly<Record<string, string>>;

/** Runs Vite in the folder of the example page. */
function runVite(args: readonly string[], env: Environment) {
  const child = spawn(process.execPath, [VITE_PROGRAM, ...args], {
    cwd: EXAMPLE_FOLDER,
    // Without the tests' NODE_ENV, which would change Vite's build mode.
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const addOutput = (chunk: Buffer) => void (output += chunk.toString());
  child.stdout.on('data', addOutput);
  child.stderr.on('data', addOutput);
  const ended = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`vite ${args.join(' ')} failed:\n${output}`);
  });
  return { child, ended, getOutput: () => output };
}

export interface ExampleServer {
  /** URL of the page. */
  readonly url: string;
  /** All that Vite has printed. */
  getOutput(): string;
  close(): Promise<void>;
}

/** @param args of Vite: none for the development server, `preview` for the built page */
export async function serveExample(
  args: readonly string[],
  port: number,
  env: Environment = {},
): Promise<ExampleServer> {
  const { child, ended, getOutput } = runVite([...args, '--port', String(port), '--strictPort'], env);
  const url = `http://127.0.0.1:${port}/`;
  await Promise.race([waitForOutput(child, () => getOutput().includes(url)), ended]);
  ended.catch(() => undefined);
  return {
    url,
    getOutput,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** @param folder for the built page */
export const buildExample = (folder: string, env: Environment): Promise<void> =>
  runVite(['build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'], env).ended;

const waitForOutput = (child: ChildProcess, condition: () => boolean) =>
  new Promise<void>((resolve) => {
    child.stdout?.on('data', () => {
      if (condition()) resolve();
    });
  });
