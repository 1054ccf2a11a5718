import type { EventGraph } from '../../events/event-graph.js';
import { askEventFirst, type EventPlan } from './prune.js';
import { takeOverShared } from './take-over.js';

export type { EventPlan } from './prune.js';

/** What a planner cannot know of events: that they come first, and that the subgraphs may have moved on since. */
export const eventFirst = (plan: EventPlan, event: EventGraph): EventPlan =>
  takeOverShared(askEventFirst(plan, event), event);
