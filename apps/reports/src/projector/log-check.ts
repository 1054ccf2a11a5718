import type { LogPage } from '@seguridad-abc/contracts';
import { errorMessage } from '@seguridad-abc/platform';
import type { Checkpoint } from '../domain/read-model.js';
import { assertNext, doubtOf } from '../domain/doubt.js';
import { wrongReadModel, wrongStream, type Hindrance } from './hindrance.js';
import type { LogClient } from './log-client.js';
import type { LogStream } from './log-stream.js';

/** What the log itself says of the read model and of the stream. */
export type LogWord =
  | { readonly says: 'right'; readonly page: LogPage; readonly streamEnd: number }
  | { readonly says: 'wrong'; readonly hindrance: Hindrance }
  | { readonly says: 'nothing'; readonly why: string };

/** The entries after the checkpoint come with it, at most `limit`. It never throws because of the log. */
export type AskLog = (checkpoint: Checkpoint, limit: number, abort: AbortSignal) => Promise<LogWord>;

export interface LogCheckOptions {
  readonly log: LogClient;
  readonly stream: LogStream;
  /** The database's file, for the remedy. */
  readonly readModel: string;
}

/** Finds out whether read model, stream and log can belong together. */
export function createLogCheck({ log, stream, readModel }: LogCheckOptions): AskLog {
  return async (checkpoint, limit, abort) => {
    // First the stream's end, then the log's: entries are in the log before they are on the stream.
    const streamEnd = await stream.lastPosition();
    let page: LogPage;
    try {
      page = await log.page(checkpoint.position, limit, abort);
      assertNext(checkpoint, page);
    } catch (error) {
      return { says: 'nothing', why: errorMessage(error) };
    }
    const doubt = doubtOf(checkpoint, page);
    if (doubt !== undefined) return { says: 'wrong', hindrance: wrongReadModel(doubt, readModel) };
    if (streamEnd > page.head) {
      const what = `the Redis stream goes on to position ${streamEnd}, but monitoring's log ends at ${page.head}`;
      return { says: 'wrong', hindrance: wrongStream(what) };
    }
    return { says: 'right', page, streamEnd };
  };
}
