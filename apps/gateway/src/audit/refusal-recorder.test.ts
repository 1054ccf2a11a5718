import { readFileSync } from 'node:fs';
import type { AuditSummary } from '@seguridad-abc/contracts';
import { ExpectedError } from '@seguridad-abc/platform';
import { GraphQLError } from 'graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRequestContext } from '../requests/transport-hooks.js';
import { createRefusalRecorder, REFUSAL_CODES, type RefusedClient } from './refusal-recorder.js';

const NOTHING_REFUSED = 'The service or the client has a fault, or is not ready. Nobody was denied anything.';
const COMMAND =
  'Monitoring records its refused commands itself. Queries with this code concern only their own text.';
const ENDED = 'The operation was allowed and has run. Then it ended.';

/** Why the gateway does not record an error code. */
const UNRECORDED_CODES: Readonly<Record<string, string>> = {
  BAD_USER_INPUT: COMMAND,
  NOT_FOUND: COMMAND,
  CONFLICT: COMMAND,
  STALE_VERSION: COMMAND,
  STORAGE_FULL: NOTHING_REFUSED,
  STORAGE_UNAVAILABLE: NOTHING_REFUSED,
  DEADLINE_EXCEEDED: NOTHING_REFUSED,
  TOKEN_EXPIRED: ENDED,
  IDENTITY_UNAVAILABLE: NOTHING_REFUSED,
  GRAPHQL_PARSE_FAILED: NOTHING_REFUSED,
  GRAPHQL_VALIDATION_FAILED: NOTHING_REFUSED,
  OPERATION_RESOLUTION_FAILURE: NOTHING_REFUSED,
  SUBGRAPH_UNAVAILABLE: NOTHING_REFUSED,
  SUBGRAPH_TIMEOUT: NOTHING_REFUSED,
  SUBGRAPH_BAD_RESPONSE: NOTHING_REFUSED,
  DOWNSTREAM_SERVICE_ERROR: NOTHING_REFUSED,
  DEPENDENCY_FAILED: NOTHING_REFUSED,
  REQUEST_CANCELLED: ENDED,
  SUBSCRIPTION_NOT_SUPPORTED: NOTHING_REFUSED,
  SUBSCRIBER_TOO_SLOW: ENDED,
  SUBSCRIPTION_EXPIRED: ENDED,
  SUBSCRIPTION_SCHEMA_RELOAD: ENDED,
  CURSOR_TOO_OLD: NOTHING_REFUSED,
  SERVER_SHUTTING_DOWN: NOTHING_REFUSED,
  SIGN_IN_DISABLED: NOTHING_REFUSED,
  BAD_REQUEST: NOTHING_REFUSED,
  METHOD_NOT_ALLOWED: NOTHING_REFUSED,
  NOT_ACCEPTABLE: NOTHING_REFUSED,
  UNSUPPORTED_MEDIA_TYPE: NOTHING_REFUSED,
  PERSISTED_QUERY_NOT_FOUND: NOTHING_REFUSED,
  PERSISTED_QUERY_NOT_SUPPORTED: NOTHING_REFUSED,
  INTERNAL_SERVER_ERROR: NOTHING_REFUSED,
  OPERATION_NOT_RESOLVABLE: NOTHING_REFUSED,
};

function readDocumentedCodes(): string[] {
  const text = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const section = text.slice(text.indexOf('## Error codes'), text.indexOf('## Input faults'));
  return [...section.matchAll(/^\| (`[A-Z_`, ]+`) +\|/gm)].flatMap(
    ([, cell = '']) => cell.match(/[A-Z_]+/g) ?? [],
  );
}

const ADDRESS = '192.0.2.1';
const ana: RefusedClient = { caller: { id: 'ana', role: 'customer' }, address: ADDRESS };
const refuse = (code: string, extensions = {}) =>
  new GraphQLError('No.', { extensions: { code, ...extensions } });

let emitted: AuditSummary[];
const openRecorder = () => createRefusalRecorder((summaries) => emitted.push(...summaries));
beforeEach(() => {
  emitted = [];
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

describe('the refusals that the gateway records', () => {
  it('are those with a code of the documentation that denies something', () => {
    const documented = readDocumentedCodes();
    expect(documented.length).toBeGreaterThan(40);
    const judged = [...REFUSAL_CODES, ...Object.keys(UNRECORDED_CODES)].map(String).sort();
    expect(judged).toEqual(documented.sort());
  });

  it.each([...REFUSAL_CODES])('include %s', (code) => {
    openRecorder().record(new ExpectedError(String(code), 'No.'), 'viewer', ana);
    expect(emitted).toMatchObject([
      { action: 'viewer', outcome: code, actor: 'ana', role: 'customer', userId: 'ana', address: ADDRESS },
    ]);
  });

  it('name the device', () => {
    const caller = { id: 'ana', role: 'device', device: 'device-1' } as const;
    openRecorder().record(refuse('FORBIDDEN'), 'rules', { caller, address: ADDRESS });
    expect(emitted).toMatchObject([{ actor: 'ana', device: 'device-1' }]);
  });

  it('leave out those of monitoring, which records them itself', () => {
    const recorder = openRecorder();
    const context = createRequestContext(
      {
        correlationId: 'correlation',
        clientAddress: ADDRESS,
        credentials: () => ({ caller: { id: 'ana', role: 'customer', expiresAt: Infinity }, headers: {} }),
        signal: new AbortController().signal,
        isShareable: false,
      },
      { child: () => undefined } as never,
    );
    recorder.recordExecutionError(refuse('FORBIDDEN', { serviceName: 'monitoring' }), context);
    expect(emitted).toEqual([]);
    recorder.recordExecutionError(refuse('OPERATION_TOO_COSTLY', { serviceName: 'reports' }), context);
    expect(emitted.map(({ outcome }) => outcome)).toEqual(['OPERATION_TOO_COSTLY']);
  });

  it('are few, however many identities one address or network has', () => {
    const recorder = openRecorder();
    for (let i = 0; i < 2_000; i++) {
      const caller = { id: `user ${i}`, role: 'customer' } as const;
      recorder.record(refuse('RATE_LIMITED'), `field${i}`, { caller, address: ADDRESS });
      recorder.record(refuse('UNAUTHENTICATED'), `field${i}`, {
        caller: undefined,
        address: `2001:db8::${i.toString(16)}`,
      });
    }
    // The refusals of another client are still told apart.
    recorder.record(refuse('FORBIDDEN'), 'viewer', { ...ana, address: '198.51.100.7' });
    recorder.flush();
    expect(emitted.length).toBeLessThan(130);
    expect(emitted.reduce((sum, { count }) => sum + count, 0)).toBe(4_001);
    expect(emitted).toContainEqual(expect.objectContaining({ actor: 'ana', outcome: 'FORBIDDEN' }));
    const others = emitted.find(({ count, outcome }) => count > 1_800 && outcome === 'RATE_LIMITED');
    expect(others).toMatchObject({ actor: null, address: ADDRESS });
  });
});
