import type { EventSubgraph } from './event-subgraph.js';
import { askEventFirst, type EventPlan } from './prune.js';
import { takeOverShared } from './take-over.js';

export type { EventPlan } from './prune.js';

/** What a planner cannot know of events: that they come first, and that the subgraphs may have moved on since. */
export const eventFirst = (plan: EventPlan, event: EventSubgraph): EventPlan =>
  takeOverShared(askEventFirst(plan, event), event);
