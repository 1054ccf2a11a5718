import type { HealthMirror } from './health-mirror.js';

export interface PresenceOptions {
  readonly mirror: Pick<HealthMirror, 'keep'>;
  /** Whether health is a part of what is served now. */
  readonly isWatched: () => boolean;
  /** Says from now on that this process lives. @returns what says goodbye and ends it */
  readonly beat: () => () => Promise<void>;
}

/** Whether this process takes part in live health: another supergraph may know nothing of that, and need no Redis. */
export interface Presence {
  /** To be called once something else is served. */
  update(): void;
  end(): Promise<void>;
}

export function createPresence({ mirror, isWatched, beat }: PresenceOptions): Presence {
  let goodbye: (() => Promise<void>) | undefined;

  const begin = () => {
    const mirroring = new AbortController();
    mirror.keep(mirroring.signal);
    const stopBeating = beat();
    return async () => {
      mirroring.abort();
      await stopBeating();
    };
  };
  const end = async () => {
    const ending = goodbye;
    goodbye = undefined;
    await ending?.();
  };
  return {
    update() {
      if (!isWatched()) void end();
      else goodbye ??= begin();
    },
    end,
  };
}
