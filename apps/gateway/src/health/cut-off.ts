import type { DataSource } from '@seguridad-abc/executor';

/** The status of Redis while nothing has needed it: nobody knows whether it would answer. */
const NOT_TRIED = 'not needed';

/**
 * Whether this gateway has lost its network: all instances of all subgraphs are silent, and Redis does not answer either. Another gateway
 * then serves clients better. A refused connection is an answer: when all subgraphs restart, clients get an error with the reason, and no
 * gateway leaves the balancer. A subgraph with a single instance is not checked, and counts as reachable.
 * @param redisStatus status of the receiving connection
 */
export function isCutOff(dataSources: Readonly<Record<string, DataSource>>, redisStatus: string): boolean {
  const instances = Object.values(dataSources).flatMap((source) => source.instances ?? []);
  return (
    redisStatus !== 'ready' &&
    redisStatus !== NOT_TRIED &&
    instances.length > 0 &&
    instances.every(({ state }) => state === 'silent')
  );
}
