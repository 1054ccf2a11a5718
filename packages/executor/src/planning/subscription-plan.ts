import type { QueryPlan } from '@apollo/query-planner';
import {
  parse,
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type OperationDefinitionNode,
} from 'graphql';
import { createCodedError } from '../shared/errors.js';
import { planDocument, PlanningError } from './plan.js';
import { rootSelections } from '../shared/graphql-ast.js';
import { eventFirst } from './event-first-index.js';
import type { LoadedEvents, LoadedSupergraph } from '../supergraph/load-supergraph.js';

/** How every event of a subscription becomes an answer. */
export interface SubscriptionPlan {
  /** The one root field. */
  readonly rootField: FieldNode;
  readonly eventSubgraph: LoadedEvents;
  /** Whether anything is fetched beside the event. */
  readonly hasSubgraphFetches: boolean;
  /** What is asked of the event itself. */
  readonly eventDocument: DocumentNode;
  /** The event first, then what it lacks. */
  readonly steps: QueryPlan;
}

/**
 * Plans a valid subscription.
 * @returns an error for a field that has no source of events here
 * @throws PlanningError
 */
export function planSubscription(
  supergraph: LoadedSupergraph,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): SubscriptionPlan | GraphQLError {
  const [field] = rootSelections(document, operation).fields;
  const events = field && supergraph.events.get(field.name.value);
  if (!events) {
    const name = field?.name.value ?? '';
    return createCodedError(
      'SUBSCRIPTION_NOT_SUPPORTED',
      `This server has no source of events for the subscription "${name}".`,
      field && [field],
    );
  }
  const { node } = planDocument(supergraph, document, operation);
  if (node?.kind !== 'Subscription' || node.primary.serviceName !== events.serviceName) {
    throw new PlanningError(
      operation.operation,
      `The plan of ${field.name.value} does not begin with its event.`,
    );
  }
  const { primary, rest } = eventFirst({ primary: node.primary, rest: node.rest }, events);
  return {
    rootField: field,
    eventSubgraph: events,
    hasSubgraphFetches: rest !== undefined,
    eventDocument: parse(primary.operation, { noLocation: true }),
    // As a sequence it is a plan like any other.
    steps: { kind: 'QueryPlan', node: { kind: 'Sequence', nodes: rest ? [primary, rest] : [primary] } },
  };
}
