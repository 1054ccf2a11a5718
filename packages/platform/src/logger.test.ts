import { expect, test } from 'vitest';
import { correlationIdStorage, createLogger, getLogStatistics } from './logger.js';

function createTestLogger(level = 'info') {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger('test', level, {
    write: (text) => void lines.push(JSON.parse(text) as Record<string, unknown>),
  });
  return { logger, lines };
}

test('a correlation id is available in the asynchronous context of its request only', async () => {
  const seen = await correlationIdStorage.run('request-1', async () => {
    await Promise.resolve();
    return correlationIdStorage.getStore();
  });
  expect(seen).toBe('request-1');
  expect(correlationIdStorage.getStore()).toBeUndefined();
});

test('a line is one JSON object with the correlation id', () => {
  const { logger, lines } = createTestLogger();
  correlationIdStorage.run('request-1', () => logger.info({ position: 7 }, 'projected'));
  logger.info('idle');
  expect(lines).toMatchObject([
    { name: 'test', level: 30, position: 7, correlationId: 'request-1', msg: 'projected' },
    { msg: 'idle' },
  ]);
  expect(lines[1]).not.toHaveProperty('correlationId');
});

test('secrets are replaced wherever they are', () => {
  const { logger, lines } = createTestLogger();
  logger.warn(
    {
      headers: { authorization: 'Bearer abc', 'x-installation-secret': 's3cret', host: 'a' },
      token: 's3cret',
      url: 'redis://:s3cret@a',
      err: Object.assign(new Error('ERR'), { command: { args: ['s3cret'] } }),
    },
    'refused',
  );
  expect(JSON.stringify(lines)).not.toMatch(/s3cret|Bearer/);
  expect(lines[0]).toMatchObject({ headers: { host: 'a' }, url: 'redis://[redacted]@a' });
});

test('a message that repeats is left out after 60 lines, also of child loggers, and counted', () => {
  const { logger, lines } = createTestLogger('debug');
  const child = logger.child({ correlationId: 'request-1' });
  for (let count = 0; count < 70; count++) child.warn({ count }, 'no valid response');
  for (let count = 0; count < 70; count++) logger.debug('detail');
  logger.error('another');
  expect(lines.filter(({ msg }) => msg === 'no valid response')).toHaveLength(60);
  expect(lines.filter(({ msg }) => msg === 'detail')).toHaveLength(70);
  expect(lines.at(-1)).toMatchObject({ msg: 'another' });
  expect(getLogStatistics(logger)).toMatchObject({ lines: { warn: 70, error: 1 }, omittedLines: 10 });
});
