import type { CommandHost } from '../command-line/command-host.js';
import { createParser } from '../main.js';
import { createServiceContext } from './service-context.js';

/**
 * Runs a command with its command line, for an installation that listens on a port with every service.
 * @returns its exit code and what it prints
 */
export async function runServiceCommand(
  port: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | undefined; readonly output: string }> {
  const lines: string[] = [];
  let code: number | undefined;
  const host: CommandHost = {
    async run(_options, work) {
      const print = (text: string) => void lines.push(text);
      code = await work({ ...createServiceContext(port), env, print, warn: print });
    },
  };
  const parser = await createParser(args, host);
  await parser.parseAsync();
  return { code, output: lines.join('\n') };
}
