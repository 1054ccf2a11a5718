import type { CommandContext } from '../command-line/command-host.js';

/** The header and value with which the commands of {@link createServiceContext} identify their installation. */
export const SECRET_HEADERS = { 'x-installation-secret': 'a-secret' } as const;

/** The context of a command whose installation listens on the given port of 127.0.0.1 with every service. */
export function createServiceContext(port: string): CommandContext {
  const lines: string[] = [];
  const context = {
    folder: '.',
    env: {},
    signal: new AbortController().signal,
    settings: {
      host: '127.0.0.1',
      dataDir: '',
      isProduction: false,
      hasConsole: true,
      ports: { MONITORING_PORT: port, REPORTS_PORT: port, HEARTBEAT_PORT: port, GATEWAY_PORT: port },
      identity: { required: true, issuer: undefined, secret: 'a-secret', token: undefined },
    },
    print: (text: string) => void lines.push(text),
    warn: (text: string) => void lines.push(text),
  };
  // These commands use no other member.
  return context as unknown as CommandContext;
}
