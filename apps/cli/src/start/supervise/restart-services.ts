import { UserFacingError } from '../../shared/errors.js';
import type { SupervisedProgram } from './supervisor.js';

/** Replaces services one after the other. */
export interface ServiceRestarter {
  /**
   * Replaces the process of each service, one after the other. Clients see no failed request.
   * @param names of the services; empty: all
   * @param log receives a line for each service
   * @throws UserFacingError if a service is unknown, a restart is already running, or a new process does not become ready. The other
   * services are not replaced then
   */
  restart(names: readonly string[], log: (text: string) => void): Promise<void>;
}

/** @param services in the order of their replacement */
export function createServiceRestarter(services: readonly SupervisedProgram[]): ServiceRestarter {
  let isRunning = false;
  return {
    async restart(names, log) {
      const known = services.map(({ name }) => name);
      const unknown = names.find((name) => !known.includes(name));
      if (unknown !== undefined) {
        throw new UserFacingError(`There is no service "${unknown}": use one of ${known.join(', ')}.`);
      }
      if (isRunning) throw new UserFacingError('A restart is already running: wait until it has ended.');
      isRunning = true;
      try {
        for (const service of services) {
          if (names.length > 0 && !names.includes(service.name)) continue;
          const startedAt = performance.now();
          await service.replace();
          const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
          log(`${service.name} is replaced (pid ${service.getPid() ?? '?'}, ${seconds} s).`);
        }
      } finally {
        isRunning = false;
      }
    },
  };
}
