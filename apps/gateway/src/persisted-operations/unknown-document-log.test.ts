import { expect, test, vi } from 'vitest';
import { createUnknownDocumentLog } from './unknown-document-log.js';

function createLog() {
  const warn = vi.fn();
  const clock = { ms: 0 };
  const log = createUnknownDocumentLog({ warn }, () => clock.ms);
  const record = (text: string) => log.record({ text, role: 'customer', isRefused: false });
  return { warn, clock, record };
}

test('logs each document once', () => {
  const { warn, record } = createLog();
  const long = `{ ${'a '.repeat(5_000)} }`;
  for (const text of ['{ a }', '{ b }', '{ a }', long, long]) record(text);
  expect(warn).toHaveBeenCalledTimes(3);
  expect(warn.mock.calls[0]).toMatchObject([
    { role: 'customer', body: '{ a }' },
    'an unlisted operation ran',
  ]);
  expect((warn.mock.calls[2]?.[0] as { body: string }).body).toHaveLength(2_000);
});

test('writes at most 60 lines per minute, and the number of omitted ones later', () => {
  const { warn, clock, record } = createLog();
  for (let i = 0; i < 100; i += 1) record(`{ a${i} }`);
  expect(warn).toHaveBeenCalledTimes(60);
  clock.ms = 60_000;
  record('{ b }');
  expect(warn).toHaveBeenLastCalledWith(
    expect.objectContaining({ body: '{ b }', omittedLines: 40 }),
    expect.anything(),
  );
});
