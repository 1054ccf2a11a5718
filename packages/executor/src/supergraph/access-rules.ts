import {
  getNamedType,
  isInterfaceType,
  Kind,
  type FieldNode,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { getFieldType } from '../shared/schema-fields.js';
import type { AccessModel, AccessRequirement } from './access-model.js';
import { getFieldCoordinate } from './cost-model.js';

/**
 * Finds what a client needs to select a field. It depends on the schema and the selection alone, so it is known before any data is
 * fetched.
 *
 * A field of an interface can return the data of any type that implements the interface. It therefore has the requirements of
 * all these types and of their fields. A client that does not meet them can still select the fields of a type in a fragment on that
 * type.
 */
export interface AccessRules {
  /**
   * The requirements of a field.
   * @param parentTypeName the type whose selection set has the field: a type condition, or the type of the parent field
   */
  getFieldRequirements(parentTypeName: string, field: FieldNode): readonly AccessRequirement[];
  /** The requirements of all selections in a fragment on this type. */
  getTypeRequirements(typeName: string): readonly AccessRequirement[];
}

const NO_REQUIREMENTS: readonly AccessRequirement[] = [];

/** @param schema the schema that clients see */
export function createAccessRules(schema: GraphQLSchema, model: AccessModel): AccessRules {
  const requirementsByCoordinate = new Map<string, readonly AccessRequirement[]>();
  const requirementsByType = new Map<string, readonly AccessRequirement[]>();
  const rootTypes = new Set<GraphQLNamedType | null | undefined>([
    schema.getQueryType(),
    schema.getMutationType(),
    schema.getSubscriptionType(),
  ]);

  const getDeclared = (type: GraphQLNamedType): readonly AccessRequirement[] =>
    model.typeRequirements.get(type.name) ?? NO_REQUIREMENTS;

  const listImplementations = (type: GraphQLInterfaceType): readonly GraphQLNamedType[] => {
    const { objects, interfaces } = schema.getImplementations(type);
    return [...objects, ...interfaces];
  };

  /**
   * Composition gives an interface the requirements of its types. These are left out: which of them a client must meet depends on
   * the fragments that it selects.
   */
  const findOwnRequirements = (type: GraphQLNamedType): readonly AccessRequirement[] => {
    const declared = getDeclared(type);
    if (!isInterfaceType(type) || declared.length === 0) return declared;
    const ofTypes = schema.getImplementations(type).objects.flatMap(getDeclared);
    return declared.filter((requirement) => !isImplied(requirement, ofTypes));
  };
  const getTypeRequirements = (typeName: string): readonly AccessRequirement[] => {
    let requirements = requirementsByType.get(typeName);
    if (!requirements) {
      const type = schema.getType(typeName);
      requirementsByType.set(typeName, (requirements = type ? findOwnRequirements(type) : NO_REQUIREMENTS));
    }
    return requirements;
  };

  const getDeclaredOfField = (type: GraphQLNamedType, fieldName: string): readonly AccessRequirement[] => {
    const fieldType = getFieldType(schema, type.name, fieldName);
    if (!fieldType) return NO_REQUIREMENTS;
    return [
      ...(model.fieldRequirements.get(getFieldCoordinate(type.name, fieldName)) ?? NO_REQUIREMENTS),
      ...getTypeRequirements(getNamedType(fieldType).name),
    ];
  };
  const findFieldRequirements = (typeName: string, fieldName: string): readonly AccessRequirement[] => {
    const type = schema.getType(typeName);
    if (!type) return NO_REQUIREMENTS;
    const ofField = getDeclaredOfField(type, fieldName);
    // No field returns the root type of an operation.
    if (rootTypes.has(type)) return withoutDuplicates([...getDeclared(type), ...ofField]);
    if (!isInterfaceType(type)) return withoutDuplicates(ofField);
    const ofTypes = listImplementations(type).flatMap((each) => [
      ...getDeclared(each),
      ...getDeclaredOfField(each, fieldName),
    ]);
    return withoutDuplicates([...ofField, ...ofTypes]);
  };

  /** The requirements of the types that implement an interface; none for other types. */
  const listRequirementsOfTypes = (typeName: string): readonly AccessRequirement[] => {
    const type = schema.getType(typeName);
    return isInterfaceType(type) ? listImplementations(type).flatMap(getDeclared) : NO_REQUIREMENTS;
  };

  return {
    getTypeRequirements,
    getFieldRequirements(parentTypeName, field) {
      const fieldName = field.name.value;
      // The names of types and the schema are not protected.
      if (fieldName.startsWith('__')) return NO_REQUIREMENTS;
      const selectsFields = field.selectionSet?.selections.some(isFieldWithData) === true;
      const coordinate = getFieldCoordinate(parentTypeName, fieldName);
      const key = selectsFields ? `${coordinate} {}` : coordinate;
      let requirements = requirementsByCoordinate.get(key);
      if (!requirements) {
        requirements = findFieldRequirements(parentTypeName, fieldName);
        const fieldType = selectsFields ? getFieldType(schema, parentTypeName, fieldName) : undefined;
        if (fieldType) {
          const ofTypes = listRequirementsOfTypes(getNamedType(fieldType).name);
          requirements = withoutDuplicates([...requirements, ...ofTypes]);
        }
        requirementsByCoordinate.set(key, requirements);
      }
      return requirements;
    },
  };
}

const isFieldWithData = (selection: { kind: Kind; name?: { value: string } }): boolean =>
  selection.kind === Kind.FIELD && selection.name?.value.startsWith('__') !== true;

const withoutDuplicates = (requirements: readonly AccessRequirement[]): readonly AccessRequirement[] =>
  requirements.length === 0
    ? NO_REQUIREMENTS
    : [...new Map(requirements.map((requirement) => [requirement.key, requirement])).values()];

/** More combinations are not examined. The requirement then counts as declared. */
const MAX_COMBINATIONS = 1_000;

/** Whether a client that meets all of `given` also meets the requirement. */
function isImplied(requirement: AccessRequirement, given: readonly AccessRequirement[]): boolean {
  if (requirement.kind === 'authenticated') return given.some(({ kind }) => kind === 'authenticated');
  let combinations: readonly ReadonlySet<string>[] = [new Set()];
  for (const other of given) {
    if (other.kind !== requirement.kind) continue;
    combinations = combinations.flatMap((names) => other.anyOf.map((list) => new Set([...names, ...list])));
    if (combinations.length > MAX_COMBINATIONS) return false;
  }
  return combinations.every((names) =>
    requirement.anyOf.some((list) => list.every((name) => names.has(name))),
  );
}
