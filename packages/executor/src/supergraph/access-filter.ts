import type { FieldNode } from 'graphql';
import type { AccessRequirement } from './access-model.js';
import type { AccessRules } from './access-rules.js';

/** Which selections of an operation its client may not access. */
export interface AccessFilter {
  /** @param parentTypeName the type whose selection set has the field */
  isFieldDenied(parentTypeName: string, field: FieldNode): boolean;
  /** Whether all selections in a fragment on this type are denied. */
  isFragmentDenied(typeName: string): boolean;
}

/** @param unmetRequirements the keys of the requirements that the client does not meet */
export function createAccessFilter(rules: AccessRules, unmetRequirements: readonly string[]): AccessFilter {
  const unmet = new Set(unmetRequirements);
  const isUnmet = ({ key }: AccessRequirement): boolean => unmet.has(key);
  return {
    isFieldDenied: (parentTypeName, field) => rules.getFieldRequirements(parentTypeName, field).some(isUnmet),
    isFragmentDenied: (typeName) => rules.getTypeRequirements(typeName).some(isUnmet),
  };
}
