import type { ServiceHealthSnapshot } from '@seguridad-abc/contracts';

/** What a subscriber has last been told of each service: its status and since when. */
export type Told = ReadonlyMap<string, string>;

/** A service to be told of, and what a subscriber has been told once he has heard of it. */
export interface News {
  readonly service: ServiceHealthSnapshot;
  readonly told: Told;
}

/**
 * What a subscriber has to be told, in order: every service that it asked for and that has another status than it was
 * last told, or the same status anew. A reason with newer figures is no news; a service that is no longer there is none
 * either.
 * @param wanted null: all services
 */
export function newsFor(
  told: Told,
  present: readonly ServiceHealthSnapshot[],
  wanted: readonly string[] | null,
): readonly News[] {
  const news: News[] = [];
  let known = told;
  for (const service of present) {
    if (!isWanted(service, wanted) || known.get(service.name) === mark(service)) continue;
    known = new Map([...known, [service.name, mark(service)]]);
    news.push({ service, told: known });
  }
  return news;
}

/** What one has been told who has heard of all that is present. @param wanted null: all services */
export const allTold = (present: readonly ServiceHealthSnapshot[], wanted: readonly string[] | null): Told =>
  new Map(
    present.filter((service) => isWanted(service, wanted)).map((service) => [service.name, mark(service)]),
  );

const isWanted = ({ name }: ServiceHealthSnapshot, wanted: readonly string[] | null): boolean =>
  wanted === null || wanted.includes(name);

/** The same while a service stays as it is, in every gateway and over restarts. */
const mark = ({ status, since }: ServiceHealthSnapshot): string => `${status} ${since}`;
