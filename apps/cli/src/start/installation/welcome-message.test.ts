import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatWelcomeMessage } from './welcome-message.js';

const README = readFileSync(new URL('../../../../../README.md', import.meta.url), 'utf8');

const findAll = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found);

test('the commands for the shell are the first ones of the README', () => {
  const message = formatWelcomeMessage({
    settings: {
      host: '127.0.0.1',
      ports: {
        MONITORING_PORT: '4001',
        REPORTS_PORT: '4002',
        HEARTBEAT_PORT: '4003',
        GATEWAY_PORT: '4000',
      },
      identity: { required: true, issuer: undefined, secret: undefined, token: undefined },
      isProduction: false,
      hasConsole: true,
    },
    getPid: () => 1,
    startMs: 1,
    timeZoneData: '2027a',
    signInUrl: undefined,
  });
  expect(message).toMatch(/^Time zone data: 2027a\.$/m);
  expect(findAll(message, /^ *(A=.*)$/gm)).toEqual(findAll(README, /^(A=.*)$/gm));
  const beforeQuery = /(curl .*-d '\{"query":)/g;
  expect(findAll(message, beforeQuery)).toEqual(findAll(README, beforeQuery).slice(0, 2));
  const queries = /"query":\s*("(?:\\.|[^"\\])*")/g;
  expect(findAll(message, queries)).toEqual(findAll(README, queries).slice(0, 2));
});
