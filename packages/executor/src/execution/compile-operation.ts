import type { PlanNode, QueryPlan } from '@apollo/query-planner';
import { OperationTypeNode, type DocumentNode, type FieldNode, type OperationDefinitionNode } from 'graphql';
import { fragmentsOf } from '../shared/graphql-ast.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import type { TypeConditions } from '../supergraph/type-conditions.js';
import { compileStages, type Step } from './compile-plan.js';
import { compileShape } from './compile-response-projection.js';
import { compileIntrospection, type Introspect } from './introspect.js';
import type { ObjectShape } from './response-projection.js';

/** A planned operation that may be executed as often as one likes. */
export interface CompiledOperation {
  readonly types: TypeConditions;
  /** Undefined where nothing is asked of subgraphs. */
  readonly step: Step | undefined;
  readonly introspect: Introspect | undefined;
  /** What the client gets. */
  readonly shape: ObjectShape;
}

export interface Source {
  readonly plan: QueryPlan;
  /** Without conditions. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The name of a field in the client's answer. */
  readonly responseName: (field: FieldNode) => string;
}

/** @throws Error where the plan asks for what is not supported */
export function compileProgram(
  { apiSchema: schema, types, views }: Pick<LoadedSupergraph, 'apiSchema' | 'types' | 'views'>,
  { plan: { node }, document, operation, responseName }: Source,
): CompiledOperation {
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`The schema has no operations of the kind ${operation.operation}.`);
  if (node?.kind === 'Subscription') throw new Error('A subscription is executed event by event.');
  return {
    types,
    step: node && compileStages(stagesOf(node, operation), { types, views, repetitions: new Map() }),
    introspect: compileIntrospection(schema, document, operation),
    shape: compileShape({ schema, fragments: fragmentsOf(document), responseName }, root, [
      operation.selectionSet,
    ]),
  };
}

/** Of a mutation each field is planned by itself, and is to be answered in full before the next one is made. */
const stagesOf = (node: PlanNode, { operation }: OperationDefinitionNode): readonly PlanNode[] =>
  operation === OperationTypeNode.MUTATION && node.kind === 'Sequence' ? node.nodes : [node];
