import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import { defineCommand } from '../command-line/define-command.js';
import { restartProgressSchema } from '../shared/control-messages.js';
import { describeFetchError, EXIT_CODES, UnreachableError, UserFacingError } from '../shared/errors.js';
import { SERVICES } from '../shared/installation-settings.js';
import { findRunningStart } from '../shared/running-start.js';

const NAMES = SERVICES.map(({ name }) => name);

/** `npm run restart`. */
export const createRestartCommand = defineCommand({
  command: 'restart [service]',
  describe: `Replaces the processes of the services that npm start runs, one after the other, without a failed request.

A new gateway starts before the old one stops; the old one finishes its requests, and its subscribers connect to the new one. The gateway lets requests to another service wait while that is replaced (SUBGRAPH_WAIT_MS). Settings are those of npm start: to change them, stop and start it.

Exit codes: 0 all are replaced; 1 a new process did not become ready, and the services after it are not replaced; 2 wrong usage, or npm start does not run.`,
  isReadOnly: false,
  examples: [
    ['npm run restart', 'replaces all services'],
    ['npm run restart -- reports', 'replaces one service'],
  ],
  builder: (yargs) =>
    yargs.positional('service', { describe: 'The service to replace; all if absent', choices: NAMES }),
  options: z.object({ service: z.enum(NAMES).optional() }),
  async run({ service }, { settings, signal, print }) {
    const control = findRunningStart(settings.dataDir)?.control;
    if (!control) {
      throw new UnreachableError(
        `npm start does not run with the data folder ${settings.dataDir}, or its services are not ready yet: run it, or wait until it is ready.`,
      );
    }
    const response = await fetch(`http://127.0.0.1:${control.port}/restart`, {
      method: 'POST',
      headers: { authorization: `Bearer ${control.key}` },
      body: JSON.stringify({ services: service === undefined ? [] : [service] }),
      signal,
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new UnreachableError(
        `npm start does not answer (${describeFetchError(error)}): see its terminal, or start it again.`,
      );
    });
    if (!response.ok || !response.body) {
      throw new UserFacingError(
        `npm start refuses the restart (status ${response.status}): it has just started again. Run the command again.`,
      );
    }
    for await (const line of readLines(response.body)) {
      const progress = restartProgressSchema.parse(JSON.parse(line));
      if ('text' in progress) print(progress.text);
      else if (progress.outcome === 'failed') throw new UserFacingError(progress.message);
      else return EXIT_CODES.success;
    }
    throw new UserFacingError('npm start has ended before the restart was complete: see its terminal.');
  },
});

const readLines = (body: ReadableStream): AsyncIterable<string> =>
  createInterface({ input: Readable.fromWeb(body), crlfDelay: Infinity });
