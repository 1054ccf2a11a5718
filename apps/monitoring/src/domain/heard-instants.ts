import type { OpeningEvent } from '@seguridad-abc/contracts';

/** Finds which readings of a log tell when openings were heard: the last one before the horizon, and all later ones. */
export interface HeardInstants {
  /** To be called with each event about openings, in log order. @param opening identifies the opening */
  observe(opening: string, event: OpeningEvent, position: number): void;
  /** Whether the last reading of an opening was withdrawn: only a second pass finds the one before it. */
  readonly needsSecondPass: boolean;
  observeAgain(opening: string, event: OpeningEvent, position: number): void;
  /** Whether the entry at a position is the last one that has a reading at a needed instant. */
  isNeeded(opening: string, at: string, position: number): boolean;
  listPositions(): number[];
}

interface HeardInstant {
  readonly at: string;
  readonly position: number;
}

/** What is known of an opening. Its size does not depend on the number of readings before the horizon. */
interface HeardOpening {
  lastBefore: HeardInstant | undefined;
  /** The position by instant. */
  readonly sinceHorizon: Map<string, number>;
}

/** @param before the horizon, an instant */
export function createHeardInstants(before: string): HeardInstants {
  const openings = new Map<string, HeardOpening>();
  /** The positions of all instants before the horizon, of openings whose last reading was withdrawn. */
  const searched = new Map<string, Map<string, number>>();

  const getOpening = (key: string): HeardOpening => {
    const heard = openings.get(key) ?? { lastBefore: undefined, sinceHorizon: new Map<string, number>() };
    openings.set(key, heard);
    return heard;
  };
  const findLastBefore = (key: string): HeardInstant | undefined => {
    const instants = searched.get(key);
    if (!instants) return openings.get(key)?.lastBefore;
    let last: HeardInstant | undefined;
    for (const [at, position] of instants) if (!last || at > last.at) last = { at, position };
    return last;
  };

  return {
    observe(key, event, position) {
      const heard = getOpening(key);
      for (const at of listHeard(event)) {
        if (at >= before) heard.sinceHorizon.set(at, position);
        else if (!heard.lastBefore || at >= heard.lastBefore.at) heard.lastBefore = { at, position };
      }
      for (const at of listWithdrawn(event)) {
        heard.sinceHorizon.delete(at);
        if (heard.lastBefore?.at !== at) continue;
        heard.lastBefore = undefined;
        searched.set(key, new Map());
      }
    },
    get needsSecondPass() {
      return searched.size > 0;
    },
    observeAgain(key, event, position) {
      const instants = searched.get(key);
      if (!instants) return;
      for (const at of listHeard(event)) if (at < before) instants.set(at, position);
      for (const at of listWithdrawn(event)) instants.delete(at);
    },
    isNeeded(key, at, position) {
      const last = findLastBefore(key);
      return (
        openings.get(key)?.sinceHorizon.get(at) === position ||
        (last?.at === at && last.position === position)
      );
    },
    listPositions: () =>
      [...openings].flatMap(([key, { sinceHorizon }]) => {
        const last = findLastBefore(key);
        return [...sinceHorizon.values(), ...(last ? [last.position] : [])];
      }),
  };
}

const listHeard = (event: OpeningEvent): readonly string[] =>
  event.type === 'ReadingsRecorded' ? event.data.readings.map(({ at }) => at) : [];

const listWithdrawn = (event: OpeningEvent): readonly string[] =>
  event.type === 'ReadingsWithdrawn' ? event.data.instantsWithoutReading : [];
