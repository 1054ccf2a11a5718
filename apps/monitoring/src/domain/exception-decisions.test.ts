import {
  openingExceptionStateSchema,
  type Actor,
  type ExceptionEvent,
  type OpeningExceptionState,
} from '@seguridad-abc/contracts';
import { createOpeningExceptionState } from '@seguridad-abc/contracts/testing';
import { describe, expect, it } from 'vitest';
import type { Decision } from './decision.js';
import {
  decideCancelException,
  decideCreateException,
  evolveException,
  type CreateExceptionCommand,
} from './exception-decisions.js';

const NOW = '2026-01-31T08:00:00.000Z';
const operator: Actor = { id: 'olga', role: 'operator' };
const ben: Actor = { id: 'ben', role: 'customer' };
const context = (now: string, caller = operator) => ({ caller, now });

const create = (input: Partial<CreateExceptionCommand> = {}, caller = operator) =>
  decideCreateException(
    'e1',
    {
      userId: 'ana',
      openings: ['Shop'],
      effect: 'ALLOW',
      from: '2026-01-31T20:00:00Z',
      until: '2026-01-31T23:00:00Z',
      reason: 'Stock-taking',
      ...input,
    },
    context(NOW, caller),
  );

function getException(decision: Decision<ExceptionEvent>): OpeningExceptionState {
  const [event] = decision.kind === 'accepted' ? decision.events : [];
  if (!event) throw new Error(`no event: ${JSON.stringify(decision)}`);
  return evolveException(undefined, event);
}

/** Each fault as `path code`. */
function listFaults(decision: Decision<ExceptionEvent>): string[] {
  if (decision.kind !== 'rejected') throw new Error(`no rejection: ${JSON.stringify(decision)}`);
  return decision.faults.map(({ path, code }) => `${path.slice(1).join('.')} ${code}`);
}

describe('decideCreateException', () => {
  it('creates version 1 with normalized fields and its author', () => {
    const input = {
      openings: [' Cafe\u0301 ', 'Shop'],
      from: '2026-01-31T15:00:00-05:00',
      reason: ' Stock-taking ',
    };
    const exception = getException(create(input));
    expect(openingExceptionStateSchema.parse(exception)).toStrictEqual({
      id: 'e1',
      userId: 'ana',
      openings: ['Café', 'Shop'],
      effect: 'ALLOW',
      from: '2026-01-31T20:00:00.000Z',
      until: '2026-01-31T23:00:00.000Z',
      reason: 'Stock-taking',
      createdBy: 'olga',
      createdAt: NOW,
      cancelledAt: null,
      updatedAt: NOW,
      version: 1,
    });
  });

  it('concerns all openings of the caller by default', () => {
    const decision = create({ userId: undefined, openings: undefined }, ben);
    expect(getException(decision)).toMatchObject({ userId: 'ben', openings: null, createdBy: 'ben' });
  });

  it('begins now if its beginning is in the past', () => {
    expect(getException(create({ from: '2020-01-01T00:00:00Z' })).from).toBe(NOW);
  });

  it('lasts at most 366 days from its beginning', () => {
    const day = (until: string) => create({ from: '2026-06-01T00:00:00Z', until });
    expect(day('2027-06-02T00:00:00Z').kind).toBe('accepted');
    expect(listFaults(day('2027-06-02T00:00:00.001Z'))).toStrictEqual(['until OUT_OF_RANGE']);
    const fromNow = (until: string) => create({ from: '2020-01-01T00:00:00Z', until });
    expect(fromNow('2027-02-01T08:00:00Z').kind).toBe('accepted');
    expect(listFaults(fromNow('2027-02-01T08:00:00.001Z'))).toStrictEqual(['until OUT_OF_RANGE']);
  });

  it.each<[string, Partial<CreateExceptionCommand>, string[]]>([
    ['an end that is not in the future', { until: NOW }, ['until PAST']],
    ['an end that is not after the beginning', { until: '2026-01-31T20:00:00Z' }, ['until OUT_OF_RANGE']],
    ['bad instants', { from: '2026-01-31', until: 'x' }, ['from INVALID', 'until INVALID']],
    ['no opening', { openings: [] }, ['openings OUT_OF_RANGE']],
    [
      '101 openings',
      { openings: Array.from({ length: 101 }, (_, i) => `Door ${i}`) },
      ['openings OUT_OF_RANGE'],
    ],
    ['a repeated opening', { openings: ['Shop', ' Shop'] }, ['openings.1 REPEATED']],
    [
      'everything at once',
      { userId: '', openings: [''], reason: 'x'.repeat(501) },
      ['userId EMPTY', 'openings.0 EMPTY', 'reason TOO_LONG'],
    ],
  ])('rejects %s', (_, input, faults) => {
    expect(listFaults(create(input))).toStrictEqual(faults);
  });

  it('lets only an operator name another user, and no device', () => {
    expect(listFaults(create({ reason: '' }, ben))).toStrictEqual(['userId FORBIDDEN']);
    expect(create({}, { id: 'ana', role: 'device' })).toMatchObject({
      code: 'FORBIDDEN',
      faults: [{ path: ['input'] }],
    });
  });
});

describe('decideCancelException', () => {
  const present = createOpeningExceptionState();
  const cancel = (now: string, exception: OpeningExceptionState | undefined = present, caller = operator) =>
    decideCancelException(exception, context(now, caller));

  it.each([
    ['before its beginning', '2026-01-31T09:00:00.000Z'],
    ['within its period', '2026-01-31T22:59:59.999Z'],
  ])('ends an exception now, %s', (_, now) => {
    expect(getException(cancel(now))).toStrictEqual({
      ...present,
      cancelledAt: now,
      updatedAt: now,
      version: 2,
    });
  });

  it('changes nothing of one that has ended or is cancelled already', () => {
    const cancelled = getException(cancel('2026-01-31T21:00:00.000Z'));
    for (const decision of [
      cancel('2026-01-31T23:00:00.000Z'),
      cancel('2026-01-31T22:00:00.000Z', cancelled),
      cancel('2027-01-31T22:00:00.000Z', cancelled),
    ])
      expect(decision).toStrictEqual({ kind: 'accepted', events: [] });
  });

  it('does not change the past if the clock was set back', () => {
    expect(getException(cancel('2026-01-31T07:00:00.000Z'))).toMatchObject({
      cancelledAt: present.updatedAt,
      updatedAt: present.updatedAt,
    });
  });

  it('hides unknown exceptions and those of other users, and forbids devices', () => {
    const hidden = cancel(NOW, createOpeningExceptionState({ userId: 'ana' }), ben);
    expect(hidden).toMatchObject({ code: 'NOT_FOUND', faults: [{ path: ['input', 'id'] }] });
    expect(decideCancelException(undefined, context(NOW, ben))).toStrictEqual(hidden);
    expect(cancel(NOW, present, { id: 'ana', role: 'device' })).toMatchObject({ code: 'FORBIDDEN' });
  });
});
