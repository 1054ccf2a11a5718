import {
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import { codedError, withCode } from '../errors.js';
import { compileProgram, type Program } from '../execution/program.js';
import type { LoadedSupergraph } from '../supergraph/load.js';
import { planSubscription, type SubscriptionPlan } from '../subscriptions/plan.js';
import { planOperation } from './plan.js';
import { rootSelections } from './root.js';

/** An operation that may be executed as often as one likes. */
export interface PreparedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** For subscriptions. */
  readonly plan?: SubscriptionPlan;
  /** What an execution, or the answer to an event, runs. */
  readonly program: Program;
}

export interface PrepareOptions {
  /** A longer document is refused. */
  readonly maxTokens: number;
  /** Leaves names out of messages that a caller did not write, where the schema is not to be shown. */
  readonly hideSuggestions: boolean;
  /** Whether `__schema` and `__type` are answered. */
  readonly introspection: boolean;
}

const WITHOUT_INTROSPECTION = [...specifiedRules, NoSchemaIntrospectionCustomRule];

/**
 * Parses, validates and plans an operation.
 * @throws PlanningError where the plan cannot be made; everything else that is wrong is returned
 */
export function prepareOperation(
  supergraph: LoadedSupergraph,
  query: string,
  operationName: string | undefined,
  { maxTokens, hideSuggestions, introspection }: PrepareOptions,
): PreparedOperation | readonly GraphQLError[] {
  let document: DocumentNode;
  try {
    document = parse(query, { maxLexicalTokens: maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
    throw error;
  }
  const operation = getOperationAST(document, operationName);
  if (!operation) return [unidentified(operationName)];

  const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
  // Before validation: graphql-js throws on variables in conditions at the root.
  const { conditions } = rootSelections(document, operation);
  if (isSubscription && conditions.length > 0) {
    const message = '@skip and @include are not allowed at the root of a subscription.';
    return [codedError('GRAPHQL_VALIDATION_FAILED', message, conditions)];
  }
  const faults = validate(
    supergraph.apiSchema,
    document,
    introspection ? specifiedRules : WITHOUT_INTROSPECTION,
    {
      hideSuggestions,
    },
  );
  if (faults.length > 0) return faults.map((fault) => withCode(fault, 'GRAPHQL_VALIDATION_FAILED'));
  if (!isSubscription) {
    const plans = planOperation(supergraph, document, operation);
    return { document, operation, program: compileProgram(supergraph, document, operation, plans) };
  }
  const plan = planSubscription(supergraph, document, operation);
  if (plan instanceof GraphQLError) return [plan];
  const program = compileProgram(supergraph, document, operation, [plan.steps]);
  return { document, operation, plan, program };
}

const unidentified = (operationName: string | undefined): GraphQLError =>
  codedError(
    'OPERATION_RESOLUTION_FAILURE',
    operationName === undefined
      ? 'A document with several operations needs an operation name; one without any has nothing to execute.'
      : `The document has no operation named "${operationName}".`,
  );
