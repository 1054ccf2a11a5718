import type { DataSource } from '@seguridad-abc/executor';

/**
 * Whether this gateway reaches nothing that it needs: the hosts of all subgraphs are silent, and Redis does not answer. Another gateway
 * then serves clients better. A refused connection is an answer of its host: if all subgraphs restart while Redis is away, clients get an
 * error with its reason from here instead of a balancer without gateways. So it is if Redis was not asked yet, and for a subgraph with a
 * single instance, which is not checked.
 * @param redisStatus status of the receiving connection; `not needed`: nothing has used it yet
 */
export function isCutOff(dataSources: Readonly<Record<string, DataSource>>, redisStatus: string): boolean {
  const instances = Object.values(dataSources).flatMap((source) => source.instances ?? []);
  return (
    redisStatus !== 'ready' &&
    redisStatus !== 'not needed' &&
    instances.length > 0 &&
    instances.every(({ state }) => state === 'silent')
  );
}
