import { isPassing } from '../faults.js';
import type { Framing } from './framing.js';

const COMMENT = ':\n\n';
/** EventSource gives no event to its page that has no data. */
const COMPLETE = 'event: complete\ndata:\n\n';

const next = (json: string): string => `event: next\ndata: ${json}\n\n`;

/** GraphQL over SSE, distinct connections mode (PROTOCOL.md of graphql-sse). */
export const sse: Framing = {
  contentType: 'text/event-stream; charset=utf-8',
  opening: COMMENT,
  signOfLife: COMMENT,
  next,
  end({ errors }) {
    if (!errors) return COMPLETE;
    const told = next(JSON.stringify({ errors }));
    // A stream that stops without `complete` is one that clients open again.
    return isPassing(errors) ? told : told + COMPLETE;
  },
};
