import { expect, test } from 'vitest';
import { createGraphQLClient } from '../../graphql/graphql-client.js';
import { startRecordingServer } from '../../testing/recording-server.js';
import { importRules } from './import-rules.js';

test('Ctrl-C ends the wait for an existing rule, and the row has no outcome', async () => {
  const interrupt = new AbortController();
  let readCount = 0;
  /** The first request creates the rule, which exists; the next ones read it from reports, which lacks it. */
  const server = await startRecordingServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    if (server.requests.length === 1) {
      const errors = [{ message: 'The rule exists.', extensions: { code: 'CONFLICT' } }];
      response.end(JSON.stringify({ data: null, errors }));
      return;
    }
    readCount += 1;
    interrupt.abort();
    response.end('{"data":{"user":null}}');
  });
  const client = createGraphQLClient(new URL(server.origin), { authorize: () => Promise.resolve({}) });
  const row = { line: 2, input: { name: 'Day', opening: 'Door', userId: 'ana' }, faults: [] };
  const result = await importRules(client, [row], { signal: interrupt.signal });
  await server.close();
  expect(result).toStrictEqual({ imported: [], interruption: undefined });
  expect(readCount).toBe(1);
});
