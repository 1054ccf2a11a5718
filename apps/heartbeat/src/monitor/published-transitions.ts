import { formatInstant } from '@seguridad-abc/contracts';
import { getErrorMessage, type Logger } from '@seguridad-abc/platform';
import type { RecordedTransition } from '../db/health-repositories.js';
import type { SavedHealth } from '../domain/health-state.js';
import type { HealthTransition } from '../domain/health-transitions.js';
import { compareTransitionIds, formatTransitionId, NO_TRANSITION_ID } from '../domain/transition-id.js';
import { MAX_PENDING_TRANSITIONS, type HealthRecorder } from './health-recorder.js';
import type { IdentifiedTransition, SpeakerChannel } from './speaker-channel.js';

/** Transitions in one report, or in one page of the stream. */
export const MAX_TRANSITION_BATCH_SIZE = 500;

/** A status change that this monitor has seen and not published. */
export interface UnpublishedTransition extends HealthTransition {
  /** Given when it is sent first. It stays the same if it must be sent again in the same term. */
  readonly id?: string | undefined;
  readonly isLogged?: boolean;
}

export interface PublishedTransitionsOptions {
  readonly channel: Pick<SpeakerChannel, 'readTransitions'>;
  readonly recorder: Pick<HealthRecorder, 'record'>;
  /** The id of the last transition in the history. */
  readonly position: string;
  /** The health to save with transitions of other monitors. */
  readonly createHealth: () => SavedHealth;
  /** Called with the ids of transitions that were read from the stream. */
  readonly onRead: (ids: ReadonlySet<string>) => void;
  readonly logger: Logger;
}

/** Gives ids to the transitions that this monitor publishes. Stores each transition once, also those that other monitors publish. */
export interface PublishedTransitions {
  /** The id of the last transition that was stored, or waits for the disk. Undefined before the first. */
  readonly position: string | undefined;
  /** Begins to count anew. */
  beginTerm(): void;
  /** Gives ids to transitions that have none. */
  identify(transitions: readonly UnpublishedTransition[], term: number): readonly UnpublishedTransition[];
  /** Lists what to add to the stream: transitions that it had no memory for, and new ones. */
  listUnstreamed(added: readonly UnpublishedTransition[]): readonly IdentifiedTransition[];
  /** Keeps what could not be added to the stream. */
  keepUnstreamed(transitions: readonly IdentifiedTransition[]): void;
  /** Stores published transitions, unless they were stored before. */
  record(transitions: readonly RecordedTransition[], health: SavedHealth): void;
  /** Stores what other monitors have published. @throws the error of Redis */
  read(): Promise<void>;
  /** The same in the background, unless `last` is known. */
  readUpTo(last: string): void;
}

export function createPublishedTransitions(options: PublishedTransitionsOptions): PublishedTransitions {
  const { channel, recorder, createHealth, onRead, logger } = options;
  let { position } = options;
  /** The number of the last transition in the current term. */
  let number = 0;
  let unstreamed: readonly IdentifiedTransition[] = [];
  let reading: Promise<void> | undefined;

  const record: PublishedTransitions['record'] = (transitions, health) => {
    const added = transitions.filter(({ id }) => compareTransitionIds(id, position) > 0);
    const last = added.at(-1)?.id;
    if (last === undefined) return;
    position = last;
    recorder.record(added, { ...health, lastTransition: position });
  };
  const readPages = async () => {
    let next = position;
    for (;;) {
      const { transitions, last, isComplete } = await channel.readTransitions(
        next,
        MAX_TRANSITION_BATCH_SIZE,
      );
      const first = transitions[0];
      if (first && next !== NO_TRANSITION_ID && first.previous !== next) {
        logger.warn(
          { after: next, before: first.id },
          'the health history lacks status changes: Redis has lost them before this monitor received them',
        );
      }
      onRead(new Set(transitions.map(({ id }) => id)));
      record(
        transitions.map((transition) => ({ ...transition, at: Date.parse(transition.at) })),
        createHealth(),
      );
      next = last ?? next;
      if (isComplete) return;
    }
  };
  const read = () => (reading ??= readPages().finally(() => (reading = undefined)));

  return {
    get position() {
      return position === NO_TRANSITION_ID ? undefined : position;
    },
    beginTerm: () => void (number = 0),
    identify: (transitions, term) =>
      transitions.map((transition) =>
        transition.id === undefined ? { ...transition, id: formatTransitionId(term, ++number) } : transition,
      ),
    listUnstreamed(added) {
      const known = new Set(unstreamed.map(({ id }) => id));
      const transitions = toIdentifiedTransitions(added, position).filter(({ id }) => !known.has(id));
      return [...unstreamed, ...transitions];
    },
    keepUnstreamed: (transitions) => void (unstreamed = transitions.slice(-MAX_PENDING_TRANSITIONS)),
    record,
    read,
    readUpTo(last) {
      if (compareTransitionIds(last, position) <= 0) return;
      read().catch((error: unknown) =>
        logger.debug(
          { error: getErrorMessage(error) },
          'published status changes could not be read; retrying',
        ),
      );
    },
  };
}

/** @param previous the id of the last transition before them */
function toIdentifiedTransitions(
  transitions: readonly UnpublishedTransition[],
  previous: string,
): IdentifiedTransition[] {
  let last = previous;
  return transitions.flatMap(({ id, service, from, to, at, reason }) => {
    if (id === undefined) return [];
    const before = last === NO_TRANSITION_ID ? undefined : last;
    last = id;
    return [{ id, service, from, to, at: formatInstant(at), reason, previous: before }];
  });
}
