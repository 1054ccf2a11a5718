import { recordLogs } from '@seguridad-abc/platform/testing';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { createGatewayErrorFormatter } from './error-formatter.js';

const setUp = (forwardedExtensions = ['correlationId']) => {
  const { logger, lines } = recordLogs();
  return { format: createGatewayErrorFormatter(logger, forwardedExtensions), lines };
};

test.each([
  [['faults'], { faults: [1] }],
  [['*'], { faults: [1], debug: 'SELECT 1' }],
  [[], {}],
])("of a subgraph's error, the extensions %j are forwarded", (names, expected) => {
  const { format } = setUp(names);
  const extensions = {
    code: 'NO',
    serviceName: 'reports',
    faults: [1],
    debug: 'SELECT 1',
    stacktrace: ['at x'],
  };
  expect(format(new GraphQLError('No.', { extensions })).extensions).toStrictEqual({
    code: 'NO',
    serviceName: 'reports',
    ...expected,
  });
});

test("a subgraph's error keeps everything but private extensions", () => {
  const { format, lines } = setUp();
  const error = new GraphQLError('No such rule.', {
    path: ['rules', 'nodes', 0, 'user'],
    extensions: {
      code: 'INTERNAL_SERVER_ERROR',
      serviceName: 'reports',
      correlationId: 'abc',
      stacktrace: ['at /srv/reports.js'],
      exception: { stacktrace: [] },
    },
  });
  expect(format(error)).toStrictEqual({
    message: 'No such rule.',
    path: ['rules', 'nodes', 0, 'user'],
    extensions: { code: 'INTERNAL_SERVER_ERROR', serviceName: 'reports', correlationId: 'abc' },
  });
  expect(lines).toStrictEqual([]);
});

test('an error of the gateway is masked and logged with its correlation id', () => {
  const { format, lines } = setUp();
  const error = new GraphQLError('connect http://10.0.0.1', {
    originalError: new Error('connect http://10.0.0.1'),
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
  expect(format(error, 'caller-12345678')).toStrictEqual({
    message: 'Internal server error',
    extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId: 'caller-12345678' },
  });
  expect(lines).toMatchObject([{ level: 'error', correlationId: 'caller-12345678' }]);
});

test('an error in the request is not changed', () => {
  const { format } = setUp();
  const error = new GraphQLError('Cannot query field.', {
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  });
  expect(format(error)).toStrictEqual(error.toJSON());
});
