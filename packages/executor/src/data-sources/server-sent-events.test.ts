import { describe, expect, test } from 'vitest';
import { createServerSentEventParser } from './server-sent-events.js';

const parse = (parts: readonly (string | Buffer)[], maxEventLength = 100) => {
  const parser = createServerSentEventParser(maxEventLength);
  const events = parts.flatMap((part) => parser.push(Buffer.from(part)));
  return { events, lastEventId: parser.lastEventId };
};

describe('server-sent events', () => {
  test.each([
    ['line feeds', '\n'],
    ['carriage returns', '\r'],
    ['both', '\r\n'],
  ])('are read with %s at the ends of lines, wherever the stream is divided', (_, lineEnd) => {
    const text = [
      'event: next',
      'data: {"n":1}',
      '',
      ':',
      'data:2',
      'data: 3',
      '',
      'event: complete',
      '',
      ':',
    ].join(lineEnd);
    const expected = [
      { event: 'next', data: '{"n":1}' },
      { event: 'message', data: '2\n3' },
      { event: 'complete', data: '' },
    ];
    expect(parse([text]).events).toEqual(expected);
    expect(parse(Array.from(text)).events).toEqual(expected);
  });

  test('can have characters whose bytes arrive in two parts', () => {
    const bytes = Buffer.from('data: ñ\n\n');
    expect(parse([bytes.subarray(0, 7), bytes.subarray(7)]).events).toEqual([
      { event: 'message', data: 'ñ' },
    ]);
  });

  test('can have ids and fields that mean nothing', () => {
    expect(parse(['id: 7\nretry: 5\nother\n\ndata: 1\n\nid: 8\0\n\n'])).toEqual({
      events: [{ event: 'message', data: '1' }],
      lastEventId: '7',
    });
  });

  test.each([
    ['in one part', [`data: ${'x'.repeat(101)}\n\n`]],
    ['in a line that does not end', [`data: ${'x'.repeat(60)}`, 'x'.repeat(60)]],
    ['in several lines', [`data: ${'x'.repeat(60)}\n`, `data: ${'x'.repeat(60)}\n`]],
  ])('that are too large are refused: %s', (_, parts) => {
    expect(() => parse(parts)).toThrow(RangeError);
  });
});
