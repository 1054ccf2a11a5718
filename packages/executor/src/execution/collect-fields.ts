import {
  isAbstractType,
  isUnionType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';

/** What an operation is shaped with. It has no conditions. */
export interface Selecting {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The name of a field in the client's answer. */
  readonly responseName: (field: FieldNode) => string;
}

/**
 * The fields that selection sets give to a value of a type, by response name, in the order of an answer.
 * @param type an object type, or an abstract one where nothing says which type a value has
 */
export function collectFields(
  selecting: Selecting,
  type: GraphQLCompositeType,
  sets: readonly SelectionSetNode[],
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  const open = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selecting.responseName(selection);
        const known = fields.get(name);
        if (known) known.push(selection);
        else fields.set(name, [selection]);
        continue;
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(selecting.schema, selection.typeCondition?.name.value, type))
          open(selection.selectionSet);
        continue;
      }
      if (spread.has(selection.name.value)) continue;
      spread.add(selection.name.value);
      const fragment = selecting.fragments.get(selection.name.value);
      if (fragment && applies(selecting.schema, fragment.typeCondition.name.value, type)) {
        open(fragment.selectionSet);
      }
    }
  };
  sets.forEach(open);
  return fields;
}

function applies(schema: GraphQLSchema, condition: string | undefined, type: GraphQLCompositeType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const conditional = schema.getType(condition);
  return isAbstractType(conditional) && !isUnionType(type) && schema.isSubType(conditional, type);
}
