// The entry of a planning worker: loads a supergraph once and plans one operation after the other. See planning-pool.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { parse } from 'graphql';
import { buildPlannedSupergraph } from './planned-supergraph.js';
import type { PlanningWorkerMessage } from './planning-thread.js';
import type { PlannerInput, PlanningJob } from './query-planner.js';
import { createStagePlanner } from './stage-planner.js';
import { lowerThreadPriority } from './thread-priority.js';

lowerThreadPriority();

const input = workerData as PlannerInput;
const stagePlanner = createStagePlanner(buildPlannedSupergraph(input), input);
const send = (message: PlanningWorkerMessage) => parentPort?.postMessage(message);

parentPort?.on('message', ({ query, operationName, conditionValues, unmetRequirements }: PlanningJob) => {
  const document = parse(query, { noLocation: true });
  send(stagePlanner.planStages(document, operationName, conditionValues, unmetRequirements));
});
send('ready');
