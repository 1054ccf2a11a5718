import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '@seguridad-abc/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ATTACKER_ID,
  ATTACKER_OPENINGS,
  ATTACKER_RULES_PER_OPENING,
  ATTACKS,
  getAttackerId,
  type Attack,
} from '../../bench/security/attacks.mjs';
import type { AttackJob, AttackResult } from '../../bench/security/attacker-process.mjs';
import { readCpuMs, readMemoryMib } from '../../bench/security/process-usage.mjs';
import { executeOperation } from '../harness/graphql-clients.js';
import { SERVICES, startTestPlatform, type TestPlatform } from '../harness/test-platform.js';

/*
 * Another client is served while an attacker sends each of the requests that `bench/security.mjs` measures. Five times the
 * promised limits are allowed, because this machine may be busy.
 */

/** CPU time of all services for one request or socket of an attacker; the limit is 100 ms for the gateway, and for a subgraph. */
const MAX_CPU_MS_PER_REQUEST = 1_000;
const MAX_MEMORY_MIB = 1_024;
const REQUESTS_PER_ATTACK = 8;
const CONNECTIONS = 4;
/** An attack that is not answered by then has failed to be refused. */
const MAX_ATTACK_SECONDS = 30;
const QUERY_INTERVAL_MS = 50;
/** A limit of the caller's share may come before the limit of the request. */
const SHARE_LIMIT_CODES = ['RATE_LIMITED'];

const ATTACKER_PROCESS = fileURLToPath(new URL('../../bench/security/attacker-process.mjs', import.meta.url));
const CREATE_RULE = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }';

/** In development, clients without a token may do more. All attacks in both modes: `bench/security.mjs`. */
const ATTACKS_BY_MODE = [
  ['production', () => true],
  ['development', ({ role }: Attack) => role === 'anonymous'],
] as const;

describe.each(ATTACKS_BY_MODE)('in %s mode', (mode, isIncluded) => {
  let platform: TestPlatform;
  let victim: string;
  /** Runs all attacks of a mode: to start a process takes longer than most attacks. */
  let attacker: ChildProcess | undefined;

  const authorize = (id: string, role: Role) => platform.createAuthorization({ id, role });

  beforeAll(async () => {
    platform = await startTestPlatform({
      env: {
        NODE_ENV: mode,
        PUBLIC_STATUS: 'true',
        LOG_LEVEL: 'warn',
        DEVICE_TOKENS: 'any',
        RATE_LIMIT_ANONYMOUS: '1000000',
        RATE_BURST_ANONYMOUS: '1000000',
      },
    });
    victim = await authorize('victim', 'customer');
    const createRule = (index: number, userId: string) =>
      executeOperation(platform.url, CREATE_RULE, {
        input: {
          userId,
          name: `Rule ${String(index)}`,
          opening: ATTACKER_OPENINGS[index % ATTACKER_OPENINGS.length],
          maxOpenSeconds: 1 + (index % 7),
          effectiveFrom: '2026-01-01T00:00:00Z',
        },
      });
    for (let index = 0; index < ATTACKER_OPENINGS.length * ATTACKER_RULES_PER_OPENING; index += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => createRule(index + i, ATTACKER_ID)));
    }
    await createRule(0, 'victim');
    attacker = fork(ATTACKER_PROCESS);
  });
  afterAll(async () => {
    attacker?.disconnect();
    await platform.close();
  });

  const readTotalCpuMs = () =>
    SERVICES.reduce((sum, name) => sum + readCpuMs(platform.getProcessId(name)), 0);

  /** Queries again and again until the signal is aborted. @returns the number of successful queries */
  async function queryUntil(signal: AbortSignal): Promise<number> {
    let count = 0;
    while (!signal.aborted) {
      const { data, errors } = await executeOperation(
        platform.url,
        '{ viewer { id rules(first: 5) { nodes { id } } } }',
        {},
        { headers: { authorization: victim } },
      );
      expect(errors).toBeUndefined();
      expect(data).toMatchObject({ viewer: { id: 'victim' } });
      count += 1;
      await sleep(QUERY_INTERVAL_MS);
    }
    return count;
  }

  const attacks = ATTACKS.map((attack, index) => [`${attack.name} (${attack.role})`, attack, index] as const);
  test.each(attacks.filter(([, attack]) => isIncluded(attack)))('%s', async (_name, attack, index) => {
    const attackEnd = new AbortController();
    const querying = queryUntil(attackEnd.signal);
    querying.catch(() => undefined);
    const cpuBefore = readTotalCpuMs();
    const token =
      attack.role === 'anonymous' ? undefined : await authorize(getAttackerId(index), attack.role);
    const result = await runAttack(attacker!, {
      index,
      origin: new URL(platform.url).origin,
      seconds: MAX_ATTACK_SECONDS,
      maxRequests: REQUESTS_PER_ATTACK,
      concurrency: CONNECTIONS,
      ...(token !== undefined && { token: token.replace('Bearer ', '') }),
    });
    attackEnd.abort();
    expect(await querying).toBeGreaterThan(0);

    const cpuMs = readTotalCpuMs() - cpuBefore;
    expect(cpuMs / result.count).toBeLessThan(MAX_CPU_MS_PER_REQUEST);
    const answers = Object.keys(result.answers);
    const answer = getExpectedAnswer(attack, mode);
    expect(answers).toContain(answer);
    if ('createRequest' in attack) {
      expect(answers.filter((code) => !SHARE_LIMIT_CODES.includes(code))).toStrictEqual([answer]);
    }
  });

  test('all services run after the attacks, with little memory', () => {
    for (const name of SERVICES) {
      expect(readMemoryMib(platform.getProcessId(name)), name).toBeLessThan(MAX_MEMORY_MIB);
    }
  });
});

const getExpectedAnswer = (attack: Attack, mode: string): string =>
  'createRequest' in attack && mode === 'production'
    ? (attack.productionAnswer ?? attack.answer)
    : attack.answer;

async function runAttack(attacker: ChildProcess, job: AttackJob): Promise<AttackResult> {
  const stopWaiting = new AbortController();
  const { signal } = stopWaiting;
  attacker.send(job);
  try {
    const result = once(attacker, 'message', { signal }).then(([message]) => message as AttackResult);
    const end = once(attacker, 'exit', { signal }).then(([code]) => {
      throw new Error(`The attacker ended with code ${String(code)}.`);
    });
    return await Promise.race([result, end]);
  } finally {
    stopWaiting.abort();
  }
}
