import {
  healthReportSchema,
  publishedTransitionSchema,
  type HealthReport,
  type PublishedTransition,
} from '@seguridad-abc/contracts';
import { getErrorMessage, type Logger, type RedisPubSubClient } from '@seguridad-abc/platform';

/** The stream keeps about so many transitions for monitors that were not running. */
const MAX_STREAM_LENGTH = 10_000;

// The lease is `<term>:<run>`. Each script compares it before it writes, so a former speaker changes nothing.

/**
 * A new term is higher than all that Redis and the caller know, and than the clock of Redis: terms rise also if Redis has lost its data.
 * A lease of the same run is one whose reply was lost. If its term is older than the caller knows, it is of a replica that has become the
 * primary without the later ones: readers would ignore its reports.
 */
const ACQUIRE_SCRIPT = `
local run, leaseMs = ARGV[1], ARGV[2]
local report = ARGV[4] == '1' and redis.call('get', KEYS[3]) or false
local holder = redis.call('get', KEYS[1])
if holder then
  local term, holderRun = string.match(holder, '^(%d+):(.*)$')
  if holderRun ~= run then return {0, term, report} end
  if tonumber(term) >= tonumber(ARGV[3]) then
    redis.call('pexpire', KEYS[1], leaseMs)
    return {1, term, report}
  end
end
local time = redis.call('time')
local newest = redis.call('xrevrange', KEYS[4], '+', '-', 'COUNT', 1)
local term = math.max(
  time[1] * 1000 + math.floor(time[2] / 1000),
  tonumber(redis.call('get', KEYS[2]) or '0') + 1,
  newest[1] and tonumber(string.match(newest[1][1], '^%d+')) + 1 or 0,
  tonumber(ARGV[3]) + 1)
local text = string.format('%.0f', term)
redis.call('set', KEYS[1], text .. ':' .. run, 'PX', leaseMs)
redis.call('set', KEYS[2], text)
return {1, text, report}
`;

const RENEW_SCRIPT = `
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])
`;

const RELEASE_SCRIPT = `
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('del', KEYS[1])
`;

/**
 * Renews the lease and publishes. Redis without free memory adds no transitions and keeps the older report, but still publishes. A
 * transition that the stream has, or that is older than its last one, counts as added.
 */
const SPEAK_SCRIPT = `
if redis.call('get', KEYS[1]) ~= ARGV[1] then return {0, 0} end
redis.call('pexpire', KEYS[1], ARGV[2])
local added = 0
for i = 6, #ARGV, 2 do
  local reply = redis.pcall('xadd', KEYS[3], 'MAXLEN', '~', ARGV[5], ARGV[i], 'transition', ARGV[i + 1])
  if type(reply) == 'table' and reply.err and not string.find(reply.err, 'equal or smaller', 1, true) then break end
  added = added + 1
end
redis.pcall('set', KEYS[2], ARGV[4])
redis.call('publish', ARGV[3], ARGV[4])
return {1, added}
`;

/** A status change with its id in the stream. */
export interface IdentifiedTransition extends PublishedTransition {
  readonly id: string;
}

export interface LeaseReply {
  /** Undefined: another monitor holds the lease. */
  readonly term: number | undefined;
  /**
   * The last published report, if it was asked for and there is one. If the lease is refused, only a report of its holder, who speaks
   * now.
   */
  readonly report: HealthReport | undefined;
}

export type SpeakOutcome =
  /** @param added how many of the transitions are in the stream */
  | { readonly isSpoken: true; readonly added: number }
  /** Another monitor is the speaker. */
  | { readonly isSpoken: false };

/** What the monitors share in Redis: the lease of the speaker, its reports, and the published transitions. */
export interface SpeakerChannel {
  /**
   * Asks for the lease.
   * @param minTerm a new term is higher, and the term of a lease that this monitor has already is not lower
   * @param wantsReport whether to return the last published report
   * @throws UnwritableRedisError, or the error of the connection
   */
  acquire(options: { leaseMs: number; minTerm: number; wantsReport: boolean }): Promise<LeaseReply>;
  /** @returns false if this monitor has no lease with this term any more. @throws as `acquire` */
  renew(term: number, leaseMs: number): Promise<boolean>;
  /** Gives the lease back. Never throws. */
  release(term: number): Promise<void>;
  /** Publishes a report with its new transitions if this monitor still holds the lease of the term. @throws as `acquire` */
  speak(
    term: number,
    leaseMs: number,
    report: HealthReport,
    transitions: readonly IdentifiedTransition[],
  ): Promise<SpeakOutcome>;
  /** Reads transitions after an id, oldest first. @throws the error of Redis */
  readTransitions(after: string, limit: number): Promise<TransitionPage>;
}

/** A part of the stream of transitions. */
export interface TransitionPage {
  readonly transitions: readonly IdentifiedTransition[];
  /** The id of the last entry that was read, also of one that is no transition. Undefined if there is none. */
  readonly last: string | undefined;
  /** Whether the stream has no more entries. */
  readonly isComplete: boolean;
}

/** Redis answers, but stores nothing: it has no memory left, or is read-only. Messages may still be delivered. */
export class UnwritableRedisError extends Error {
  override name = 'UnwritableRedisError';
}

const UNWRITABLE_CODES = /\b(OOM|READONLY|MISCONF|NOREPLICAS)\b/;

/** @param run identifies this monitor */
export function createSpeakerChannel(
  { publisher, names }: Pick<RedisPubSubClient, 'publisher' | 'names'>,
  run: string,
  logger: Logger,
): SpeakerChannel {
  const runScript = async (script: string, keys: readonly string[], args: readonly (string | number)[]) => {
    try {
      return await publisher.eval(script, keys.length, ...keys, ...args);
    } catch (error) {
      const message = getErrorMessage(error);
      throw UNWRITABLE_CODES.test(message) ? new UnwritableRedisError(message, { cause: error }) : error;
    }
  };
  const toLeaseValue = (term: number) => `${term}:${run}`;
  const parseReport = (text: string | null | undefined): HealthReport | undefined => {
    if (text === null || text === undefined) return undefined;
    const parsed = healthReportSchema.safeParse(parseJson(text));
    if (!parsed.success)
      logger.warn({ issues: parsed.error.issues }, 'the last health report cannot be read');
    return parsed.data;
  };

  return {
    async acquire({ leaseMs, minTerm, wantsReport }) {
      const reply = await runScript(
        ACQUIRE_SCRIPT,
        [names.speakerLeaseKey, names.speakerTermKey, names.lastReportKey, names.transitionStream],
        [run, leaseMs, minTerm, wantsReport ? 1 : 0],
      );
      const [isGranted, termText, reportText] = reply as [number, string, string | null];
      const term = Number(termText);
      const report = parseReport(reportText);
      if (isGranted === 1) return { term, report };
      return { term: undefined, report: report?.term === term ? report : undefined };
    },
    renew: async (term, leaseMs) =>
      (await runScript(RENEW_SCRIPT, [names.speakerLeaseKey], [toLeaseValue(term), leaseMs])) === 1,
    async release(term) {
      // It expires if it cannot be given back.
      await runScript(RELEASE_SCRIPT, [names.speakerLeaseKey], [toLeaseValue(term)]).catch(() => undefined);
    },
    async speak(term, leaseMs, report, transitions) {
      const entries = transitions.flatMap(({ id, ...transition }) => [id, JSON.stringify(transition)]);
      const reply = await runScript(
        SPEAK_SCRIPT,
        [names.speakerLeaseKey, names.lastReportKey, names.transitionStream],
        [
          toLeaseValue(term),
          leaseMs,
          names.healthChannel,
          JSON.stringify(report),
          MAX_STREAM_LENGTH,
          ...entries,
        ],
      );
      const [isSpoken, added] = reply as [number, number];
      return isSpoken === 1 ? { isSpoken: true, added } : { isSpoken: false };
    },
    async readTransitions(after, limit) {
      const entries = await publisher.xrange(names.transitionStream, `(${after}`, '+', 'COUNT', limit);
      const transitions = entries.flatMap(([id, fields]): IdentifiedTransition[] => {
        const parsed = publishedTransitionSchema.safeParse(parseJson(fields[1] ?? ''));
        if (parsed.success) return [{ id, ...parsed.data }];
        logger.warn({ id, issues: parsed.error.issues }, 'a published status change cannot be read');
        return [];
      });
      return { transitions, last: entries.at(-1)?.[0], isComplete: entries.length < limit };
    },
  };
}

/** @returns undefined if the text is not JSON */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
