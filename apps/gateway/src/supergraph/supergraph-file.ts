import { readFileSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { getErrorMessage, StartError, type Logger } from '@seguridad-abc/platform';

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

/** Wait after a change, since a program may write a file in several steps. */
const DEBOUNCE_MS = 100;

/**
 * Reloads the supergraph when its file changes. Watches the folder, because replacing a file (as composition and
 * mounted configurations do) ends a watch on the file itself.
 * @returns a function that stops watching
 */
export function watchSupergraphFile(options: SupergraphWatchOptions): () => void {
  const { path, reload, logger } = options;
  let lastSdl = options.currentSdl;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const reloadIfChanged = async () => {
    try {
      const sdl = await readFile(path, 'utf8');
      if (isStopped || sdl === lastSdl) return;
      lastSdl = sdl;
      const startedMs = performance.now();
      await reload(sdl);
      logger.info(
        { path, ms: Math.round(performance.now() - startedMs) },
        'the changed supergraph is now served',
      );
    } catch (error) {
      if (isStopped) return;
      logger.error(
        { path, error: getErrorMessage(error) },
        'the changed supergraph is invalid; the previous one is still served. Compose it again',
      );
    }
  };
  const watcher = watch(dirname(path), { persistent: false }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void reloadIfChanged(), DEBOUNCE_MS);
  });
  watcher.on('error', (error) => {
    logger.warn(
      { path, error: getErrorMessage(error) },
      'the supergraph file is no longer watched; restart the gateway after a change',
    );
  });

  return () => {
    isStopped = true;
    clearTimeout(timer);
    watcher.close();
  };
}
