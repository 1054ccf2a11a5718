import {
  getNamedType,
  isListType,
  isNonNullType,
  Kind,
  OperationTypeNode,
  type GraphQLOutputType,
  type SelectionSetNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { evaluateSkipInclude, listConditionVariables } from '../planning/evaluate-skip-include.js';
import { EVERY_ELEMENT, type VariableValues } from '../planning/query-planner.js';
import { MAX_UNAUTHORIZED_ERRORS, type ClientAccess } from '../shared/client-access.js';
import { getOperation, getResponseKey, indexFragments } from '../shared/graphql-ast.js';
import type { JsonPath } from '../shared/json.js';
import { getFieldType } from '../shared/schema-fields.js';
import { createAccessFilter, type AccessFilter } from '../supergraph/access-filter.js';
import type { AccessRequirement } from '../supergraph/access-model.js';
import type { AccessRules } from '../supergraph/access-rules.js';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.js';
import type { ParsedOperation } from './parse-operation.js';

/** What the client of one operation must be or have to receive everything that the operation selects. */
export interface OperationAccess {
  hasRequirement(key: string): boolean;
  /** The policies in these requirements, each once. */
  readonly policies: readonly string[];
  /**
   * Compares the requirements with what a client may access.
   * @param satisfiedPolicies the policies that the client satisfies, besides `access.policies`
   */
  evaluate(access: ClientAccess | undefined, satisfiedPolicies: ReadonlySet<string>): AccessDecision;
  /** Finds the selections that a client may not access. */
  findDenied(
    unmetRequirements: AccessDecision['unmetRequirements'],
    variables: VariableValues,
  ): DeniedSelections;
  /** Number of results of `findDenied` that are kept. */
  readonly keptCount: number;
}

/** Which requirements of an operation a client does not meet. */
export interface AccessDecision {
  /** The keys of these requirements. */
  readonly unmetRequirements: readonly string[];
  /** Equal for clients that meet the same requirements of operations with equal requirements. */
  readonly key: string;
}

/** The selections of an operation that a client may not access. */
export interface DeniedSelections {
  /**
   * Their paths, in response keys, with `@` for the elements of lists. Each once, and at most `MAX_UNAUTHORIZED_ERRORS`. Empty if
   * `@skip` and `@include` exclude all of them.
   */
  readonly paths: readonly JsonPath[];
  /** Whether the only root field of a subscription is one of them. */
  readonly includesSubscriptionField: boolean;
}

/** Maximum number of sets of denied selections that are kept for an operation. */
const MAX_DENIED_SELECTIONS = 8;

const NO_UNMET_REQUIREMENTS: readonly string[] = [];

/** @returns `undefined` if everyone may access everything that the operation selects */
export function createOperationAccess(
  { accessRules, apiSchema }: Pick<LoadedSupergraph, 'accessRules' | 'apiSchema'>,
  parsedOperation: ParsedOperation,
): OperationAccess | undefined {
  if (!accessRules) return undefined;
  const requirements = collectRequirements(accessRules, apiSchema, parsedOperation);
  if (requirements.length === 0) return undefined;
  const { document, operation } = parsedOperation;
  const requirementsKey = requirements.map(({ key }) => key).join('\n');
  const allMet: AccessDecision = { unmetRequirements: NO_UNMET_REQUIREMENTS, key: requirementsKey };
  const conditionVariables = listConditionVariables(document);
  const deniedByKey = new LRUCache<string, DeniedSelections>({ max: MAX_DENIED_SELECTIONS });

  const findDenied: OperationAccess['findDenied'] = (unmetRequirements, variables) => {
    const filter = createAccessFilter(accessRules, unmetRequirements);
    const withoutConditions = evaluateSkipInclude(document, variables);
    const paths = listDeniedPaths(apiSchema, filter, {
      document: withoutConditions,
      operation: getOperation(withoutConditions, operation.name?.value),
    });
    const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
    return {
      paths,
      includesSubscriptionField: isSubscription && paths.some(({ length }) => length === 1),
    };
  };

  const requirementKeys = new Set(requirements.map(({ key }) => key));

  return {
    hasRequirement: (key) => requirementKeys.has(key),
    policies: [
      ...new Set(
        requirements.flatMap((requirement) =>
          requirement.kind === 'policies' ? requirement.anyOf.flat() : [],
        ),
      ),
    ],
    evaluate(access, satisfiedPolicies) {
      const hasPolicy = (policy: string): boolean =>
        satisfiedPolicies.has(policy) || access?.policies?.has(policy) === true;
      let unmetRequirements: string[] | undefined;
      for (const requirement of requirements) {
        if (!isMet(requirement, access, hasPolicy)) (unmetRequirements ??= []).push(requirement.key);
      }
      if (!unmetRequirements) return allMet;
      // No requirement is empty, and none has a line break.
      return { unmetRequirements, key: `${requirementsKey}\n\n${unmetRequirements.join('\n')}` };
    },
    findDenied(unmetRequirements, variables) {
      let key = '';
      for (const name of conditionVariables) key += variables[name] === true ? '1' : '0';
      key += unmetRequirements.join('\n');
      let denied = deniedByKey.get(key);
      if (!denied) deniedByKey.set(key, (denied = findDenied(unmetRequirements, variables)));
      return denied;
    },
    get keptCount() {
      return deniedByKey.size;
    },
  };
}

function isMet(
  requirement: AccessRequirement,
  access: ClientAccess | undefined,
  hasPolicy: (policy: string) => boolean,
): boolean {
  switch (requirement.kind) {
    case 'authenticated':
      return access?.isAuthenticated === true;
    case 'scopes':
      return requirement.anyOf.some((scopes) => scopes.every((scope) => access?.scopes?.has(scope)));
    case 'policies':
      return requirement.anyOf.some((policies) => policies.every(hasPolicy));
  }
}

/** Collects the requirements of all selections, each once. Conditions (`@skip`, `@include`) are not evaluated. */
function collectRequirements(
  rules: AccessRules,
  schema: LoadedSupergraph['apiSchema'],
  { document, operation }: ParsedOperation,
): readonly AccessRequirement[] {
  const requirements = new Map<string, AccessRequirement>();
  const fragments = indexFragments(document);
  const addAll = (found: readonly AccessRequirement[]): void => {
    for (const requirement of found) requirements.set(requirement.key, requirement);
  };
  const collect = ({ selections }: SelectionSetNode, typeName: string): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        addAll(rules.getFieldRequirements(typeName, selection));
        const type = getFieldType(schema, typeName, selection.name.value);
        if (selection.selectionSet && type) collect(selection.selectionSet, getNamedType(type).name);
        continue;
      }
      let fragment:
        { typeCondition?: { name: { value: string } }; selectionSet: SelectionSetNode } | undefined;
      if (selection.kind === Kind.INLINE_FRAGMENT) fragment = selection;
      else {
        fragment = fragments.get(selection.name.value);
        // Each fragment is visited once.
        fragments.delete(selection.name.value);
      }
      if (!fragment) continue;
      const condition = fragment.typeCondition?.name.value;
      if (condition !== undefined) addAll(rules.getTypeRequirements(condition));
      collect(fragment.selectionSet, condition ?? typeName);
    }
  };
  collect(operation.selectionSet, schema.getRootType(operation.operation)?.name ?? '');
  return [...requirements.values()];
}

/** @param parsedOperation without `@skip` and `@include` */
function listDeniedPaths(
  schema: LoadedSupergraph['apiSchema'],
  filter: AccessFilter,
  { document, operation }: ParsedOperation,
): readonly JsonPath[] {
  const paths = new Map<string, JsonPath>();
  const fragments = indexFragments(document);
  const list = (
    { selections }: SelectionSetNode,
    typeName: string,
    path: JsonPath,
    isParentDenied: boolean,
  ): void => {
    for (const selection of selections) {
      if (paths.size >= MAX_UNAUTHORIZED_ERRORS) return;
      if (selection.kind !== Kind.FIELD) {
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        const condition = fragment?.typeCondition?.name.value;
        const isDenied = condition !== undefined && filter.isFragmentDenied(condition);
        if (fragment) list(fragment.selectionSet, condition ?? typeName, path, isParentDenied || isDenied);
        continue;
      }
      const type = getFieldType(schema, typeName, selection.name.value);
      // Fields of the introspection system are not protected.
      if (!type) continue;
      const fieldPath = [...path, getResponseKey(selection)];
      if (isParentDenied || filter.isFieldDenied(typeName, selection)) {
        paths.set(JSON.stringify(fieldPath), fieldPath);
      } else if (selection.selectionSet) {
        list(selection.selectionSet, getNamedType(type).name, [...fieldPath, ...listSteps(type)], false);
      }
    }
  };
  list(operation.selectionSet, schema.getRootType(operation.operation)?.name ?? '', [], false);
  return [...paths.values()];
}

/** One step for each level of lists. */
function listSteps(type: GraphQLOutputType): string[] {
  if (isNonNullType(type)) return listSteps(type.ofType);
  return isListType(type) ? [EVERY_ELEMENT, ...listSteps(type.ofType)] : [];
}
