import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino, type Logger } from 'pino';
import type { IdentityService } from '../identity-service.js';

const RETRY_INTERVAL_MS = 10;

/**
 * Waits for a state that has no event, such as a row in a database or a key in Redis. Retries the assertion every 10
 * ms. If there is an event, await it instead.
 * @param assertion throws until the state is reached
 * @param timeoutMs after this time the last error of the assertion is thrown. The default is many times what a quiet machine
 *   needs, and below the time limit of a test
 */
export async function eventually<T>(assertion: () => T | Promise<T>, timeoutMs = 30_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
    }
  }
}

/** Creates an empty data folder for one test. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'seguridad-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A parsed log line. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** Creates a logger that collects its lines, from level debug, in an array. */
export function recordLogs(): { logger: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const sink = new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(JSON.parse(line.toString()) as LogLine);
      done();
    },
  });
  const logger = pino({ level: 'debug', formatters: { level: (level) => ({ level }) } }, sink);
  return { logger, lines };
}

/** For tests that do not concern identity: every caller is an operator, and every request is from the installation. */
export const NO_IDENTITY: IdentityService = {
  required: false,
  authenticate: () => Promise.resolve({ id: 'olga', role: 'operator', expiresAt: Infinity }),
  findVerified: () => undefined,
  isAcceptedHost: () => true,
  isFromInstallation: () => true,
  assertFromInstallation: () => undefined,
  installationHeaders: {},
};
