import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { createBoundedMap } from '../bounded-map.js';
import { fragmentsOf } from '../operations/root.js';
import type { LoadedSupergraph } from '../supergraph/load.js';
import type { TypeConditions } from '../supergraph/type-conditions.js';
import { compilePlan, inSequence, type Step } from './compile-plan.js';
import { compileShape } from './compile-shape.js';
import { conditionVariables, type Variables } from './conditions.js';
import { compileIntrospection, type Introspect } from './introspect.js';
import type { ObjectShape } from './shape.js';

/** An operation that may be executed as often as one likes. */
export interface Program {
  readonly types: TypeConditions;
  readonly step: Step;
  readonly introspect: Introspect | undefined;
  /** What the client gets, for some values of the variables. */
  readonly shapeFor: (variables: Variables) => ObjectShape;
}

/** How many shapes of one operation are kept: its conditions make it several operations. */
const KEPT_SHAPES = 32;

/**
 * @param plans executed one after the other
 * @throws Error where a plan asks for what no executor of ours can do
 */
export function compileProgram(
  { apiSchema, types }: Pick<LoadedSupergraph, 'apiSchema' | 'types'>,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  plans: readonly QueryPlan[],
): Program {
  const steps = plans.flatMap(({ node }) => {
    if (node?.kind === 'Subscription') throw new Error('A subscription is executed event by event.');
    return node ? [compilePlan(node, types)] : [];
  });
  return {
    types,
    step: inSequence(steps),
    introspect: compileIntrospection(apiSchema, document, operation),
    shapeFor: compileShapes({ apiSchema }, document, operation),
  };
}

function compileShapes(
  { apiSchema: schema }: Pick<LoadedSupergraph, 'apiSchema'>,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Program['shapeFor'] {
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`The schema has no operations of the kind ${operation.operation}.`);
  const fragments = fragmentsOf(document);
  const compile = (variables: Variables): ObjectShape =>
    compileShape(
      { schema, fragments, variables, responseName: (field) => (field.alias ?? field.name).value },
      root,
      [operation.selectionSet],
    );
  const conditions = conditionVariables(document);
  if (conditions.length === 0) {
    const shape = compile({});
    return () => shape;
  }
  const shapes = createBoundedMap<ObjectShape>(KEPT_SHAPES);
  return (variables) => {
    const key = conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
    let shape = shapes.get(key);
    if (!shape) shapes.set(key, (shape = compile(variables)));
    return shape;
  };
}
