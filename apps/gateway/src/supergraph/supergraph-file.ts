import { readFileSync } from 'node:fs';
import { getErrorMessage, StartError, type Logger } from '@seguridad-abc/platform';
import { watchFile } from '../files/watch-file.js';

/** @throws StartError if the file cannot be read */
export function readSupergraphFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(
      `The supergraph file ${path} cannot be read: ${getErrorMessage(error)}. Set SUPERGRAPH to the path of a supergraph.`,
    );
  }
}

export interface SupergraphWatchOptions {
  readonly path: string;
  /** The content that is served now. */
  readonly currentSdl: string;
  /** Serves another supergraph. Throws if it is invalid; the current one is then served on. */
  readonly reload: (supergraphSdl: string) => Promise<void>;
  readonly logger: Logger;
}

/**
 * Reloads the supergraph when its file changes.
 * @returns a function that stops watching
 */
export const watchSupergraphFile = ({
  path,
  currentSdl,
  reload,
  logger,
}: SupergraphWatchOptions): (() => void) =>
  watchFile({
    path,
    currentText: currentSdl,
    onChange: reload,
    logger,
    messages: {
      changed: 'the changed supergraph is now served',
      invalid: 'the changed supergraph is invalid; the previous one is still served. Compose it again',
      unwatched: 'the supergraph file is no longer watched; restart the gateway after a change',
    },
  });
