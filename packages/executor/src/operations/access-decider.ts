import { OperationTypeNode, type GraphQLError, type OperationDefinitionNode } from 'graphql';
import type { VariableValues } from '../planning/query-planner.js';
import type { AuthorizationOptions, ClientAccess } from '../shared/client-access.js';
import { createUnauthorizedError, toClientError } from '../shared/errors.js';
import type { StructuredLogger } from '../shared/logger.js';
import type { AccessDecision, OperationAccess } from './operation-access.js';

/** Applies the authorization options of an executor to its operations. */
export interface AccessDecider {
  /** Compares what the client may access with what the operation needs. @throws what `evaluatePolicies` throws; also as a rejection */
  decide(
    operationAccess: OperationAccess,
    clientAccess: ClientAccess | undefined,
  ): AccessDecision | Promise<AccessDecision>;
  /** Creates the error of a client whose policies could not be evaluated. */
  explainFailure(error: unknown): GraphQLError;
  /**
   * Logs the fields that the client may not access.
   * @returns the errors of an operation that is not executed because of them
   */
  findErrors(
    operationAccess: OperationAccess,
    operation: OperationDefinitionNode,
    unmetRequirements: readonly string[],
    variables: VariableValues,
  ): readonly GraphQLError[] | undefined;
}

const NO_POLICIES: ReadonlySet<string> = new Set();

/** Maximum number of paths in a log line. */
const MAX_LOGGED_PATHS = 20;

export function createAccessDecider(
  {
    evaluatePolicies,
    unauthorizedOperations = 'filter',
    errorLocation = 'errors',
    logErrors = true,
    dryRun: isDryRun = false,
  }: AuthorizationOptions,
  logger: StructuredLogger,
): AccessDecider {
  const isRejecting = unauthorizedOperations === 'reject' && !isDryRun;
  return {
    decide(operationAccess, clientAccess) {
      const unknownPolicies =
        evaluatePolicies && operationAccess.policies.length > 0
          ? operationAccess.policies.filter((policy) => clientAccess?.policies?.has(policy) !== true)
          : [];
      if (!evaluatePolicies || unknownPolicies.length === 0) {
        return operationAccess.evaluate(clientAccess, NO_POLICIES);
      }
      const satisfied = evaluatePolicies(unknownPolicies, clientAccess);
      return satisfied instanceof Promise
        ? satisfied.then((policies) => operationAccess.evaluate(clientAccess, new Set(policies)))
        : operationAccess.evaluate(clientAccess, new Set(satisfied));
    },
    explainFailure: (error) => toClientError(error, logger, 'evaluatePolicies failed'),
    findErrors(operationAccess, operation, unmetRequirements, variables) {
      const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
      if (!isRejecting && !isSubscription && !logErrors) return undefined;
      const { paths, includesSubscriptionField } = operationAccess.findDenied(unmetRequirements, variables);
      if (paths.length === 0) return undefined;
      if (logErrors) {
        const details = { operation: operation.name?.value, paths: paths.slice(0, MAX_LOGGED_PATHS) };
        logger.warn(details, 'an operation selects fields that its client may not access');
      }
      if (!isRejecting && (!includesSubscriptionField || isDryRun)) return undefined;
      return errorLocation === 'errors'
        ? paths.map((path) => createUnauthorizedError(path))
        : [createUnauthorizedError(undefined)];
    },
  };
}
