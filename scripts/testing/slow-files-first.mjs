import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';
import { PROJECT_FOLDER } from '../bootstrap/project.mjs';

/**
 * The test files that take about 20 s or longer, the slowest first. A slow file that starts last would run alone, on one of
 * the cores. The topology starts the most processes, so it is not among the first three, which start at once. The order of all
 * others is Vitest's.
 */
export const SLOW_TEST_FILES = [
  'tests/chaos/chaos.e2e.test.ts',
  'tests/start/start.e2e.test.ts',
  'tests/commands/commands.e2e.test.ts',
  'tests/topology/ha.e2e.test.ts',
  'apps/monitoring/src/service-postgres.int.test.ts',
  'tests/browser/react.e2e.test.ts',
  'tests/browser/console.e2e.test.ts',
  'tests/faults.e2e.test.ts',
  'tests/health.e2e.test.ts',
  'tests/start/run-service.e2e.test.ts',
  'tests/commands/demo.e2e.test.ts',
  'tests/evaluation/alarm-tables.e2e.test.ts',
  'tests/readme.e2e.test.ts',
  'tests/monitors.e2e.test.ts',
  'tests/security/other-clients.e2e.test.ts',
  'tests/watching.e2e.test.ts',
  'tests/browser/graphiql.e2e.test.ts',
  'tests/consistency.e2e.test.ts',
  'tests/generate.int.test.ts',
  'packages/executor/tests/published-package.int.test.ts',
  'apps/reports/src/rebuild/rebuild.int.test.ts',
  'apps/heartbeat/src/service.monitors.int.test.ts',
  'apps/reports/src/snapshot/snapshot.int.test.ts',
  'tests/redis-failover.int.test.ts',
  'tests/topology/haproxy.int.test.ts',
  'tests/topology/compose-scripts.int.test.ts',
];

/** Sorts the test files of a run: {@link SLOW_TEST_FILES} first. The groups of a run stay one after the other. */
export class SlowFilesFirst extends BaseSequencer {
  /** @override @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => getRank(a.moduleId) - getRank(b.moduleId));
  }
}

/** @param {string} path */
function getRank(path) {
  const index = SLOW_TEST_FILES.indexOf(relative(PROJECT_FOLDER, path));
  return index === -1 ? SLOW_TEST_FILES.length : index;
}
