import type { ServiceSnapshot } from '@seguridad-abc/contracts';

/** What a subscriber has last been told of each service: its status and since when. */
export type Told = ReadonlyMap<string, string>;

export interface News {
  readonly changes: readonly ServiceSnapshot[];
  readonly told: Told;
}

/**
 * What a subscriber has to be told: every service that it asked for and that has another status than it was last told,
 * or the same status anew. A reason with newer figures is no news; a service that is no longer there is none either.
 * @param wanted null: all services
 */
export function newsFor(
  told: Told,
  present: readonly ServiceSnapshot[],
  wanted: readonly string[] | null,
): News {
  const changes = present.filter(
    (service) =>
      (wanted === null || wanted.includes(service.name)) && told.get(service.name) !== mark(service),
  );
  if (changes.length === 0) return { changes, told };
  return {
    changes,
    told: new Map([...told, ...changes.map((service) => [service.name, mark(service)] as const)]),
  };
}

const mark = ({ status, since }: ServiceSnapshot): string => `${status} ${since}`;
