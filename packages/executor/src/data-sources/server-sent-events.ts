/** One server-sent event. */
export interface ServerSentEvent {
  /** The name of the event; `message` if the server gives none. */
  readonly event: string;
  readonly data: string;
}

/** Reads server-sent events from a stream that arrives in parts. */
export interface ServerSentEventParser {
  /**
   * @returns the events that this part completes
   * @throws RangeError if an event is larger than allowed
   */
  push(chunk: Buffer): ServerSentEvent[];
  /** The last `id` that the server sent; empty without one. */
  readonly lastEventId: string;
}

/**
 * Parses the format of https://html.spec.whatwg.org/multipage/server-sent-events.html.
 * @param maxEventLength maximum number of characters of one event
 */
export function createServerSentEventParser(maxEventLength: number): ServerSentEventParser {
  const decoder = new TextDecoder();
  /** The end of the stream, after the last complete line. */
  let rest = '';
  let event = '';
  let data: string[] = [];
  let dataLength = 0;
  let lastEventId = '';

  const readField = (line: string) => {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (name === 'event') event = value;
    else if (name === 'id' && !value.includes('\0')) lastEventId = value;
    else if (name === 'data') {
      data.push(value);
      dataLength += value.length;
    }
  };
  /** @param restLength number of characters after the last complete line */
  const checkLength = (restLength: number) => {
    if (restLength + dataLength <= maxEventLength) return;
    throw new RangeError(`An event has more than ${maxEventLength} characters.`);
  };
  const completeEvent = (): ServerSentEvent | undefined => {
    checkLength(0);
    const completed =
      data.length > 0 || event ? { event: event || 'message', data: data.join('\n') } : undefined;
    event = '';
    data = [];
    dataLength = 0;
    return completed;
  };

  return {
    get lastEventId() {
      return lastEventId;
    },
    push(chunk) {
      const text = rest + decoder.decode(chunk, { stream: true });
      const events: ServerSentEvent[] = [];
      let start = 0;
      // A carriage return at the end may belong to a line feed that has not arrived.
      const lineEnds = /\r\n|\n|\r(?=[^])/g;
      lineEnds.lastIndex = Math.max(0, rest.length - 1);
      for (const { 0: lineEnd, index } of text.matchAll(lineEnds)) {
        const line = text.slice(start, index);
        start = index + lineEnd.length;
        const completed = line === '' ? completeEvent() : undefined;
        if (completed) events.push(completed);
        else if (line !== '') readField(line);
      }
      rest = text.slice(start);
      checkLength(rest.length);
      return events;
    },
  };
}
