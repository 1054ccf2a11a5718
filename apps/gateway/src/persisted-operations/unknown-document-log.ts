import { LRUCache } from 'lru-cache';
import { createLineLimit, type Logger } from '@seguridad-abc/platform';
import { hashDocument } from './safelist.js';

/** Maximum size of the texts that are remembered as logged. */
const MAX_REMEMBERED_BYTES = 4_194_304; // 4 MiB
/** Longer texts are remembered by their hash. In characters. */
const MAX_REMEMBERED_LENGTH = 4_096;
const OVERHEAD_BYTES = 200;
/** Longer texts are cut in log lines. In characters. */
const MAX_LOGGED_LENGTH = 2_000;
const MAX_LINES_PER_MINUTE = 60;

/** An unlisted document that a client sent. */
export interface UnknownDocument {
  readonly text: string;
  readonly role: string;
  readonly isRefused: boolean;
}

/** Logs unknown documents: each once while it is remembered, and a bounded number of lines per minute. */
export interface UnknownDocumentLog {
  record(document: UnknownDocument): void;
}

/** @param now milliseconds of a monotonic clock */
export function createUnknownDocumentLog(
  logger: Pick<Logger, 'warn'>,
  now: () => number,
): UnknownDocumentLog {
  const logged = new LRUCache<string, true>({
    maxSize: MAX_REMEMBERED_BYTES,
    sizeCalculation: (_, text) => OVERHEAD_BYTES + 2 * text.length,
  });
  const lineLimit = createLineLimit(MAX_LINES_PER_MINUTE, now);

  return {
    record({ text, role, isRefused }) {
      const key = text.length <= MAX_REMEMBERED_LENGTH ? text : hashDocument(text);
      if (logged.get(key)) return;
      const omittedLines = lineLimit.takeLine();
      if (omittedLines === undefined) return;
      logged.set(key, true);
      const body = text.slice(0, MAX_LOGGED_LENGTH);
      logger.warn(
        { id: hashDocument(text), role, body, ...(omittedLines > 0 && { omittedLines }) },
        isRefused ? 'an unlisted operation was refused' : 'an unlisted operation ran',
      );
    },
  };
}
