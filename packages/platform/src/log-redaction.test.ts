import { describe, expect, test } from 'vitest';
import { redactLogLine, redactSecrets, SECRET_PATHS, serializeLoggedError } from './log-redaction.js';

describe('texts of log lines', () => {
  test.each([
    ['redis://:hunter2@127.0.0.1:6379 refused', 'redis://[redacted]@127.0.0.1:6379 refused'],
    ['https://ana:secret@example.com/x', 'https://[redacted]@example.com/x'],
    ['sent Authorization: Bearer abc.DEF-1=', 'sent Authorization: [redacted]'],
    [
      'the token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbmEifQ.c2ln was refused',
      'the token [redacted] was refused',
    ],
    ['http://127.0.0.1:4001/log has no user', 'http://127.0.0.1:4001/log has no user'],
  ])('%s', (text, redacted) => {
    expect(redactSecrets(text)).toBe(redacted);
  });

  test('only lines with a secret are copied', () => {
    const line = { url: 'http://a/', count: 1 };
    expect(redactLogLine(line)).toBe(line);
    expect(redactLogLine({ ...line, url: 'http://a:b@c/' })).toStrictEqual({
      url: 'http://[redacted]@c/',
      count: 1,
    });
  });
});

test.each(['INSTALLATION_SECRET', 'DATABASE_URL', 'PGPASSWORD', 'REDIS_URL', 'REDIS_SENTINEL_PASSWORD'])(
  'the setting %s is not logged',
  (name) => {
    expect(SECRET_PATHS).toEqual(expect.arrayContaining([name, `*.${name}`, `*.*.${name}`]));
  },
);

test('a logged error has its causes, and neither secrets nor the arguments of a command', () => {
  const command = { name: 'auth', args: ['hunter2'] };
  const cause = Object.assign(new TypeError('redis://:hunter2@a'), { command, code: 'WRONGPASS' });
  const logged = serializeLoggedError(new AggregateError([new Error('one')], 'failed', { cause }));
  expect(logged).toMatchObject({
    type: 'AggregateError',
    message: 'failed',
    errors: [{ type: 'Error', message: 'one' }],
    cause: { type: 'TypeError', message: 'redis://[redacted]@a', code: 'WRONGPASS' },
  });
  expect(JSON.stringify(logged)).not.toContain('hunter2');
});
