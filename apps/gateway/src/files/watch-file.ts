import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { getErrorMessage, type Logger } from '@seguridad-abc/platform';

export interface WatchFileOptions {
  readonly path: string;
  /** The content that is in use now. */
  readonly currentText: string;
  /** Uses another content. If it fails, the content is invalid and the current one stays in use. */
  readonly onChange: (text: string) => Promise<void>;
  readonly logger: Logger;
  /** Log messages, which say what the file holds. */
  readonly messages: { readonly changed: string; readonly invalid: string; readonly unwatched: string };
}

/** Wait after a change, since a program may write a file in several steps. */
const DEBOUNCE_MS = 100;

/**
 * Calls back when the content of a file changes. Watches the folder, because replacing a file (as composition and mounted
 * configurations do) ends a watch on the file itself.
 * @returns a function that stops watching
 */
export function watchFile({ path, currentText, onChange, logger, messages }: WatchFileOptions): () => void {
  let lastText = currentText;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const readChange = async () => {
    try {
      const text = await readFile(path, 'utf8');
      if (isStopped || text === lastText) return;
      lastText = text;
      const startedMs = performance.now();
      await onChange(text);
      logger.info({ path, ms: Math.round(performance.now() - startedMs) }, messages.changed);
    } catch (error) {
      if (isStopped) return;
      logger.error({ path, error: getErrorMessage(error) }, messages.invalid);
    }
  };
  const watcher = watch(dirname(path), { persistent: false }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void readChange(), DEBOUNCE_MS);
  });
  watcher.on('error', (error) => {
    logger.warn({ path, error: getErrorMessage(error) }, messages.unwatched);
  });

  return () => {
    isStopped = true;
    clearTimeout(timer);
    watcher.close();
  };
}
