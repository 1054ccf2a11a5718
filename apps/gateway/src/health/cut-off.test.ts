import type { SubgraphInstanceStatus } from '@seguridad-abc/executor';
import { expect, test } from 'vitest';
import { isCutOff } from './cut-off.js';

const createSources = (...states: readonly (readonly SubgraphInstanceStatus['state'][])[]) =>
  Object.fromEntries(
    states.map((list, index) => [
      `subgraph-${index}`,
      {
        fetch: () => Promise.resolve({ data: null }),
        instances: list.map((state) => ({
          url: 'http://instance',
          state,
          circuitBreakerState: 'closed' as const,
          runningRequests: 0,
          subscriptions: 0,
        })),
      },
    ]),
  );

test.each([
  ['nothing answers', [['silent', 'silent'], ['silent']], 'connecting', true],
  ['all subgraphs restart while Redis is away', [['refused', 'refused'], ['refused']], 'connecting', false],
  ['a machine refuses connections', [['silent', 'refused'], ['silent']], 'connecting', false],
  ['nothing has tried Redis', [['silent', 'silent']], 'not needed', false],
  ['Redis answers', [['silent', 'silent']], 'ready', false],
  [
    'one instance is available',
    [
      ['silent', 'silent'],
      ['silent', 'available'],
    ],
    'connecting',
    false,
  ],
  ['an instance answers that it is not ready', [['silent', 'not-ready']], 'connecting', false],
  ['there are no instances', [[]], 'connecting', false],
] as const)('%s', (_name, states, redisStatus, expected) => {
  expect(isCutOff(createSources(...states), redisStatus)).toBe(expected);
});
