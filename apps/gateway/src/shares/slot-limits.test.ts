import { HeldSlot, type ClientSlots } from '@seguridad-abc/executor';
import { ExpectedError } from '@seguridad-abc/platform';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAllowanceRate } from '@seguridad-abc/platform';
import { createCallerShareRegistry } from './caller-share-registry.js';
import { createRateLimiter } from './rate-limiter.js';
import { createSlotLimits, type SessionWithShare } from './slot-limits.js';

const registry = createCallerShareRegistry(() => createAllowanceRate(1_000_000, 1_000_000));
const rateLimiter = createRateLimiter({ onUse: () => undefined });
const slots = createSlotLimits({
  config: {
    MAX_OPERATIONS_PER_CALLER: 2,
    MAX_SOCKETS_PER_CALLER: 2,
    MAX_SUBSCRIPTIONS_PER_CALLER: 3,
    MAX_HANDSHAKES_PER_ADDRESS: 2,
  },
  registry,
  rateLimiter,
  getAddressGroup: ({ remoteAddress }) => remoteAddress ?? 'unknown',
});
const createSession = (name: string): SessionWithShare => ({
  share: registry.find(`customer:${name}`, 'customer', undefined),
});
const KINDS = ['sockets', 'operations', 'subscriptions'] as const;

test.each([
  ['sockets', 'TOO_MANY_CONNECTIONS', 'You have the maximum of 2 open WebSockets. Close one first.'],
  [
    'operations',
    'TOO_MANY_OPERATIONS',
    'You already run the maximum of 2 operations. Try again in 1 second.',
  ],
  [
    'subscriptions',
    'TOO_MANY_SUBSCRIPTIONS',
    'You already run the maximum of 3 subscriptions. End one first.',
  ],
] as const)('a caller can hold some %s, then gets %s', (kind, code, message) => {
  const [ana, bea] = [createSession(`ana ${kind}`), createSession(`bea ${kind}`)];
  const acquire = (session: SessionWithShare) => new HeldSlot(slots[kind], session);
  const held = [acquire(ana), acquire(ana), ...(kind === 'subscriptions' ? [acquire(ana)] : [])];
  expect(() => acquire(ana)).toThrow(
    expect.objectContaining({
      message,
      extensions: expect.objectContaining({
        code,
        http: expect.objectContaining({ status: 429 }) as unknown,
      }) as unknown,
    }),
  );
  acquire(bea).release();
  held[0]?.release();
  held[0]?.release();
  held.push(acquire(ana));
  expect(() => acquire(ana)).toThrow(message);
  for (const slot of held) slot.release();
});

test('a long subscription counts several times', () => {
  const session = createSession('long');
  const slot = new HeldSlot(slots.subscriptions, session, 2);
  expect(() => new HeldSlot(slots.subscriptions, session, 2)).toThrow('counts as 2, and you may run 3');
  slot.release();
  expect(session.share?.isInUse).toBe(false);
});

test('an address can hold some handshakes', () => {
  const handshake = { remoteAddress: '192.0.2.1', headers: {} };
  const held = [1, 2].map(() => new HeldSlot(slots.handshakes, handshake));
  expect(() => new HeldSlot(slots.handshakes, handshake)).toThrow('more than 2 WebSockets');
  new HeldSlot(slots.handshakes, { remoteAddress: '192.0.2.2', headers: {} }).release();
  for (const slot of held) slot.release();
  new HeldSlot(slots.handshakes, handshake).release();
});

test('after any order of uses and refusals, a caller holds what was not released', () => {
  const step = fc.record({
    kind: fc.constantFrom(...KINDS),
    count: fc.integer({ min: 1, max: 3 }),
    isRelease: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const session = createSession('property');
      const held: Record<
        keyof ClientSlots<SessionWithShare>,
        { slot: HeldSlot<SessionWithShare>; count: number }[]
      > = { handshakes: [], sockets: [], operations: [], subscriptions: [] };
      const sum = (kind: (typeof KINDS)[number]) => held[kind].reduce((total, { count }) => total + count, 0);
      for (const { kind, count, isRelease } of steps) {
        if (isRelease) {
          const released = held[kind].pop()?.slot;
          released?.release();
          released?.release();
        } else {
          try {
            held[kind].push({ slot: new HeldSlot(slots[kind], session, count), count });
          } catch (error) {
            expect(error).toBeInstanceOf(ExpectedError);
          }
        }
        const { share } = session;
        expect([share?.openSockets, share?.runningOperations, share?.subscriptionSlots]).toStrictEqual(
          KINDS.map(sum),
        );
      }
      for (const kind of KINDS) for (const { slot } of held[kind]) slot.release();
      expect(session.share?.isInUse).toBe(false);
    }),
  );
});
