import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorMessage, type Logger } from '@seguridad-abc/platform';

export interface WatchOptions {
  readonly path: string;
  /** What the file held when it was read. */
  readonly text: string;
  /** Serves another supergraph. @throws Error where it cannot be served: the one before is */
  readonly reload: (supergraphSdl: string) => Promise<void>;
  readonly logger: Logger;
}

/** A file that is written in several steps is read once they are over. */
const SETTLE_MS = 100;

/**
 * Serves what the supergraph's file comes to hold. The folder is watched, not the file: a file that another takes the
 * place of (as composing, or a mounted configuration, does) is not the one that was watched.
 * @returns what ends it
 */
export function watchSupergraph({ path, text, reload, logger }: WatchOptions): () => void {
  let last = text;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  const look = async () => {
    try {
      const next = await readFile(path, 'utf8');
      if (isOver || next === last) return;
      last = next;
      const began = performance.now();
      await reload(next);
      logger.info(
        { path, ms: Math.round(performance.now() - began) },
        'the supergraph has changed and is served',
      );
    } catch (error) {
      if (isOver) return;
      logger.error(
        { path, error: errorMessage(error) },
        'the supergraph has changed and cannot be served; the one before is served on',
      );
    }
  };
  const watcher = watch(dirname(path), { persistent: false }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), SETTLE_MS);
  });
  watcher.on('error', (error) => {
    logger.warn({ path, error: errorMessage(error) }, 'the supergraph is not watched for changes any more');
  });

  return () => {
    isOver = true;
    clearTimeout(timer);
    watcher.close();
  };
}
