import type { CommandHost } from '../command-line/command-host.js';
import { createParser } from '../main.js';
import { createServiceContext } from './service-context.js';

export interface GatewayCommandResult {
  readonly code: number | undefined;
  /** What the command prints to stdout. */
  readonly output: string;
  /** The lines that it prints to stderr. */
  readonly warnings: readonly string[];
}

/**
 * Runs a command with its command line, for an installation whose gateway asks for no token.
 * @param port of the gateway
 * @param folder in which the user calls the command
 */
export async function runGatewayCommand(
  port: string,
  args: readonly string[],
  folder = '.',
): Promise<GatewayCommandResult> {
  const printed: string[] = [];
  const warnings: string[] = [];
  let code: number | undefined;
  const host: CommandHost = {
    async run(_options, work) {
      const context = createServiceContext(port);
      const identity = { ...context.settings.identity, required: false };
      code = await work({
        ...context,
        folder,
        settings: { ...context.settings, identity },
        print: (text) => void printed.push(text),
        warn: (text) => void warnings.push(text),
      });
    },
  };
  const parser = await createParser(args, host);
  await parser.parseAsync();
  return { code, output: printed.join('\n'), warnings };
}
