import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type OperationDefinitionNode,
} from 'graphql';
import type { QueryPlan } from '@apollo/query-planner';
import { createLruCache } from '../shared/lru-cache.js';
import { compileProgram, type CompiledOperation } from '../execution/compile-operation.js';
import { planSubscription, type SubscriptionPlan } from '../planning/subscription-plan.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import { planDocument } from '../planning/plan.js';
import { freeRepresentations } from '../planning/free-representations.js';
import { narrowConditions } from '../planning/simplify-type-conditions.js';
import { planOneByOne } from '../planning/serialize-mutation-fields.js';
import { separateNames } from '../planning/rename-colliding-names.js';
import {
  conditionVariables,
  fillEmptySelections,
  settleConditions,
} from '../planning/evaluate-skip-include.js';

export type VariableValues = Readonly<Record<string, unknown>>;

/** An operation in which it is settled what `@skip` and `@include` leave in. */
export interface Settled {
  /** What an execution, or the answer to an event, runs. */
  readonly compiledOperation: CompiledOperation;
  /** For subscriptions. */
  readonly subscriptionPlan?: SubscriptionPlan;
}

export interface SettledRequest extends Settled {
  /** Coerced, defaults filled in, under the names that the program has for them. */
  readonly variables: VariableValues;
}

/** Plans one operation, anew for each set of values that its conditions have. */
export interface Settler {
  /**
   * @throws PlanningError where there is no plan
   * @throws GraphQLError where the caller is to hear why
   */
  settle(variables: VariableValues): SettledRequest;
  /** The values of its conditions that it is planned for; those used last come last. */
  readonly conditions: readonly VariableValues[];
}

/** How many values of its conditions an operation is kept planned for. */
const KEPT = 32;

/** @param operation valid */
export function createSettler(
  supergraph: LoadedSupergraph,
  written: DocumentNode,
  operation: OperationDefinitionNode,
): Settler {
  const names = conditionVariables(written);
  const { document, rename } = freeRepresentations(written);
  const known = createLruCache<{ readonly settled: Settled; readonly conditions: VariableValues }>(KEPT);

  const plan = (key: string, given: VariableValues) => {
    const conditions = Object.fromEntries(names.map((name) => [name, given[name] === true]));
    const planned = { conditions, settled: settle(supergraph, document, operation, rename(conditions)) };
    known.set(key, planned);
    return planned;
  };

  return {
    settle(given) {
      const key = names.map((name) => (given[name] === true ? '1' : '0')).join('');
      const { settled } = known.get(key) ?? plan(key, given);
      return { ...settled, variables: rename(given) };
    },
    get conditions() {
      return known.values().map(({ conditions }) => conditions);
    },
  };
}

function settle(
  supergraph: LoadedSupergraph,
  written: DocumentNode,
  { name }: OperationDefinitionNode,
  variables: VariableValues,
): Settled {
  const { document, clientKeys } = separateNames(settleConditions(written, variables), supergraph.readFields);
  const { apiSchema: schema, interfaceObjects } = supergraph;
  const planned = fillEmptySelections(
    narrowConditions(document, operationNamed(document, name?.value), { schema, interfaceObjects }),
  );
  const asked = operationNamed(planned, name?.value);
  const compile = (plan: QueryPlan) =>
    compileProgram(supergraph, {
      plan,
      document,
      operation: operationNamed(document, name?.value),
      responseName: (field) => clientKeys.get(keyOf(field)) ?? keyOf(field),
    });
  const plan = (each: DocumentNode, only: OperationDefinitionNode) => planDocument(supergraph, each, only);
  switch (asked.operation) {
    case OperationTypeNode.SUBSCRIPTION: {
      const events = planSubscription(supergraph, planned, asked);
      if (events instanceof GraphQLError) throw events;
      return { subscriptionPlan: events, compiledOperation: compile(events.steps) };
    }
    case OperationTypeNode.MUTATION:
      return { compiledOperation: compile(planOneByOne(planned, asked, plan)) };
    case OperationTypeNode.QUERY:
      return { compiledOperation: compile(plan(planned, asked)) };
  }
}

const keyOf = (field: FieldNode): string => (field.alias ?? field.name).value;

function operationNamed(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, name);
  if (!operation) throw new Error('A rewritten document has lost its operation.');
  return operation;
}
