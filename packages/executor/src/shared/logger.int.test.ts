import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format } from 'node:util';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import winston from 'winston';
import { toStructuredLogger, type Logger } from './logger.js';

/** Logs a warning as the executor does, and returns what the logger writes. */
function logWarning(createLogger: (stream: Writable) => Logger): string {
  let text = '';
  const stream = new Writable({
    write(chunk, _, callback) {
      text += String(chunk);
      callback();
    },
  });
  const details = { service: 'books', err: new Error('connect ECONNREFUSED'), status: 503 };
  toStructuredLogger(createLogger(stream)).warn(details, 'no valid response from a subgraph');
  return text;
}

const READABLE =
  /no valid response from a subgraph \{ service: 'books', err: Error: connect ECONNREFUSED\n.*status: 503 \}/s;

const createWinston = (stream: Writable, format: winston.Logform.Format) =>
  // winston types its transports as interfaces.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
  winston.createLogger({ transports: [new winston.transports.Stream({ stream })], format });

test('winston receives a readable text', () => {
  const output = logWarning((stream) => createWinston(stream, winston.format.simple()));
  expect(output).toMatch(/^warn: no valid/);
  expect(output).toMatch(READABLE);
});

test('winston with JSON lines receives a readable text', () => {
  const output = logWarning((stream) => createWinston(stream, winston.format.json()));
  expect(JSON.parse(output)).toEqual({ level: 'warn', message: expect.stringMatching(READABLE) as string });
});

test('info messages are passed on with their details', () => {
  const info = vi.fn();
  const ignore = () => undefined;
  toStructuredLogger({ debug: ignore, info, warn: ignore, error: ignore }).info({ subgraphs: 2 }, 'served');
  expect(info.mock.calls).toEqual([['served { subgraphs: 2 }']]);
});

test('console receives a readable text', () => {
  const output = logWarning((stream) => new Console(stream));
  expect(output).toMatch(READABLE);
});

test('a logger with one parameter, as of @apollo/utils.logger, receives a readable text', () => {
  const log = (stream: Writable) => (message: string) => void stream.write(format('%s', message));
  const output = logWarning((stream) => ({
    debug: log(stream),
    info: log(stream),
    warn: log(stream),
    error: log(stream),
  }));
  expect(output).toMatch(READABLE);
});

test.each([
  ['pino', (stream: Writable) => pino({}, stream)],
  ['a child of pino', (stream: Writable) => pino({}, stream).child({ requestId: '1' })],
])('%s receives the details as properties', (_, createLogger) => {
  expect(JSON.parse(logWarning(createLogger))).toMatchObject({
    level: 40,
    msg: 'no valid response from a subgraph',
    service: 'books',
    status: 503,
    err: { message: 'connect ECONNREFUSED' },
  });
});
