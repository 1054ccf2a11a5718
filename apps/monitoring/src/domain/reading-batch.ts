import {
  MAX_READINGS_PER_COMMAND,
  type Actor,
  type InputFault,
  type OpeningState,
} from '@seguridad-abc/contracts';
import {
  checkClientChosenId,
  checkInstant,
  checkOwnerUserId,
  checkOpeningName,
  combineCheckResults,
  createInvalidResult,
  createValidResult,
  type InputCheckResult,
  type SensorReading,
} from '@seguridad-abc/evaluation';
import { isBoundByQuotas } from './quotas.js';
import { rejectInput, type CommandContext, type Rejection } from './decision.js';

export const MAX_READING_ID_LENGTH = 200;
/** How far a reading may be ahead of the server's clock. */
export const MAX_READING_AHEAD_MS = 5 * 60 * 1_000; // 5 minutes

export interface RecordReadingsCommand {
  /** The owner of the openings; the caller if absent. */
  readonly userId?: string | null | undefined;
  readonly readings: readonly ReadingInput[];
}

/** One reading as a client sends it. It reports at least one of `state`, `tampered` and `batteryLow`. */
export interface ReadingInput {
  readonly id: string;
  readonly opening: string;
  readonly state?: OpeningState | null | undefined;
  readonly tampered?: boolean | null | undefined;
  readonly batteryLow?: boolean | null | undefined;
  readonly at: string;
}

/** A valid reading of a command. */
export interface ReceivedReading extends SensorReading {
  /** The index among the readings of the command, from 0. */
  readonly index: number;
}

/** A reading whose id its opening has already, stored or earlier in the command. */
export interface DuplicateReading {
  readonly id: string;
  /** The index among the readings of the command, from 0. */
  readonly index: number;
  /** Whether it reports something else than the reading that is on record. */
  readonly differs: boolean;
}

/** A reading that is refused. It does not affect the other readings of its command. */
export interface RefusedReading {
  /** The id as the client sent it, at most its first {@link MAX_READING_ID_LENGTH} characters. */
  readonly id: string;
  /** The index among the readings of the command, from 0. */
  readonly index: number;
  /** The code of the first fault. */
  readonly code: string;
  /** The messages of all faults. */
  readonly message: string;
}

/** The readings of a command, split into valid and refused ones. */
export interface ReadingBatch {
  readonly kind: 'checked';
  readonly userId: string;
  /** Valid readings by the name of their opening, in the order of the command. */
  readonly byOpening: ReadonlyMap<string, readonly ReceivedReading[]>;
  readonly refused: readonly RefusedReading[];
}

/** The user whose readings a command contains. */
export interface ReadingBatchOwner {
  readonly kind: 'owner';
  readonly userId: string;
}

/** Checks the user of `recordReadings` and the number of readings, but no reading. */
export function checkReadingBatchOwner(
  { userId, readings }: RecordReadingsCommand,
  caller: Actor,
): ReadingBatchOwner | Rejection {
  const owner = checkOwnerUserId(caller, userId);
  if ('faults' in owner) return rejectInput(owner.faults);
  if (readings.length === 0 || readings.length > MAX_READINGS_PER_COMMAND) {
    const message = `readings must be 1 to ${MAX_READINGS_PER_COMMAND}; there are ${readings.length}.`;
    return rejectInput([{ path: ['readings'], code: 'OUT_OF_RANGE', message }]);
  }
  return { kind: 'owner', userId: owner.value };
}

/**
 * Checks the readings of `recordReadings`. Only a wrong user, a wrong number of readings, or a reading of an opening that the
 * sender may not record rejects the whole command.
 * @param age how old a reading may be
 */
export function checkReadingBatch(
  command: RecordReadingsCommand,
  { caller, now }: CommandContext,
  { latenessMs, notBefore, horizon }: ReadingAgeLimits,
  { allowedOpenings, isOnRecord = () => false }: ReadingOpenings = {},
): ReadingBatch | Rejection {
  const owner = checkReadingBatchOwner(command, caller);
  if (owner.kind === 'rejected') return owner;
  const range = {
    earliestMs: isBoundByQuotas(caller) ? Date.parse(now) - latenessMs : -Infinity,
    latestMs: Date.parse(now) + MAX_READING_AHEAD_MS,
    latenessMs,
    notBefore,
    horizon,
  };
  const byOpening = new Map<string, ReceivedReading[]>();
  const refused: RefusedReading[] = [];
  const forbidden: InputFault[] = [];
  command.readings.forEach((reading, index) => {
    const checked = checkReading(reading, range, (name) => isOnRecord(owner.userId, name));
    if ('faults' in checked) {
      const { code = 'INVALID' } = checked.faults[0] ?? {};
      const message = checked.faults.map((fault) => fault.message).join(' ');
      refused.push({ id: reading.id.slice(0, MAX_READING_ID_LENGTH), index, code, message });
      return;
    }
    const { opening, ...fields } = checked.value;
    const valid = { index, ...fields };
    if (allowedOpenings && !allowedOpenings.includes(opening)) {
      forbidden.push(createForeignOpeningFault(index));
      return;
    }
    const ofOpening = byOpening.get(opening);
    if (ofOpening) ofOpening.push(valid);
    else byOpening.set(opening, [valid]);
  });
  if (forbidden.length > 0) return rejectInput(forbidden.slice(0, MAX_REPORTED_FORBIDDEN_READINGS));
  return { kind: 'checked', userId: owner.userId, byOpening, refused };
}

/** Which openings a command may name. */
export interface ReadingOpenings {
  /** The openings to which the sender is bound. @default any opening */
  readonly allowedOpenings?: readonly string[] | undefined;
  /** Whether a user has an opening of a name already: it keeps a name that new openings may not have. @default no opening */
  readonly isOnRecord?: (userId: string, name: string) => boolean;
}

/** How old a reading may be. */
export interface ReadingAgeLimits {
  /** How far a reading may be behind the server's clock, unless an operator sends it, in milliseconds. */
  readonly latenessMs: number;
  /** A reading from before this instant comes from a clock that was never set. */
  readonly notBefore: string;
  /** The history from before this instant is removed: nobody may add to it. Undefined: none is removed. */
  readonly horizon?: string | undefined;
}

/** A response lists so many readings of other openings at most. */
const MAX_REPORTED_FORBIDDEN_READINGS = 10;

const createForeignOpeningFault = (index: number): InputFault => ({
  path: ['readings', index, 'opening'],
  code: 'FORBIDDEN',
  message: `This device may not record readings of the opening of reading ${index}. Send only readings of its openings.`,
});

/** The instants that a reading may have, inclusive, in milliseconds since 1970. */
interface ReadingInstantRange {
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly latenessMs: number;
  readonly notBefore: string;
  readonly horizon: string | undefined;
}

const checkReading = (
  reading: ReadingInput,
  range: ReadingInstantRange,
  isOnRecord: (name: string) => boolean,
) =>
  combineCheckResults<SensorReading & { readonly opening: string }>({
    id: checkClientChosenId('id', reading.id, MAX_READING_ID_LENGTH),
    opening: checkOpeningName('opening', reading.opening, isOnRecord),
    state: checkReports(reading),
    tampered: createValidResult(reading.tampered ?? null),
    batteryLow: createValidResult(reading.batteryLow ?? null),
    at: checkReadingInstant(reading.at, range),
  });

function checkReports({ state, tampered, batteryLow }: ReadingInput): InputCheckResult<OpeningState | null> {
  const reported = [state, tampered, batteryLow].filter((value) => value !== null && value !== undefined);
  if (reported.length > 0) return createValidResult(state ?? null);
  return createInvalidResult(
    ['state'],
    'EMPTY',
    'A reading must report something: give state, tampered or batteryLow.',
  );
}

function checkReadingInstant(
  raw: string,
  { earliestMs, latestMs, latenessMs, notBefore, horizon }: ReadingInstantRange,
): InputCheckResult<number> {
  const checked = checkInstant('at', raw);
  if ('faults' in checked) return checked;
  const ms = Date.parse(checked.value);
  if (ms > latestMs)
    return createInvalidResult(
      ['at'],
      'READING_IN_FUTURE',
      'at must be at most 5 minutes ahead of the clock.',
    );
  if (checked.value < notBefore)
    return createInvalidResult(
      ['at'],
      'READING_TOO_OLD',
      `at must not be before ${notBefore}. Set the clock of the device.`,
    );
  if (horizon !== undefined && checked.value < horizon)
    return createInvalidResult(
      ['at'],
      'READING_BEFORE_HORIZON',
      `at must not be before ${horizon}: the history from before it is removed.`,
    );
  if (ms < earliestMs) {
    const message = `at must be at most ${latenessMs / 1_000} s ago. Only an operator may send older readings.`;
    return createInvalidResult(['at'], 'READING_TOO_LATE', message);
  }
  return createValidResult(ms);
}
