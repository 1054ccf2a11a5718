import type { DataSource } from '@seguridad-abc/executor';

/**
 * Whether this gateway reaches nothing that it needs: no instance of any subgraph answers, and Redis does not either. Another gateway
 * then serves clients better. While something answers, the fault is not at this gateway, and clients get an error with its reason. A
 * subgraph with a single instance is not checked, and counts as reachable.
 * @param redisStatus status of the receiving connection
 */
export function isCutOff(dataSources: Readonly<Record<string, DataSource>>, redisStatus: string): boolean {
  const instances = Object.values(dataSources).flatMap((source) => source.instances ?? []);
  return (
    redisStatus !== 'ready' &&
    instances.length > 0 &&
    instances.every(({ state }) => state === 'silent' || state === 'refused')
  );
}
