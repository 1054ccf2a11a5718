import { readFileSync } from 'node:fs';
import {
  buildASTSchema,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
  Kind,
  parse,
  type ObjectTypeDefinitionNode,
  type TypeNode,
} from 'graphql';
import { expect, test } from 'vitest';

const document = parse(readFileSync(new URL('../supergraph.graphql', import.meta.url), 'utf8'));
const schema = buildASTSchema(document, { assumeValid: true });

const getNamedTypeName = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : getNamedTypeName(type.type);

const objectTypes = document.definitions.filter(
  (definition): definition is ObjectTypeDefinitionNode => definition.kind === Kind.OBJECT_TYPE_DEFINITION,
);

/** The coordinates of the fields whose size is declared: by their own `@listSize`, or by `sizedFields` of their parents. */
const sizedCoordinates = new Set(
  objectTypes.flatMap((type) =>
    (type.fields ?? []).flatMap((field) => {
      const listSize = field.directives?.find(({ name }) => name.value === 'listSize');
      if (!listSize) return [];
      const sizedFields = listSize.arguments?.find(({ name }) => name.value === 'sizedFields')?.value;
      const names = sizedFields?.kind === Kind.LIST ? sizedFields.values : [];
      return [
        `${type.name.value}.${field.name.value}`,
        ...names.flatMap((name) =>
          name.kind === Kind.STRING ? [`${getNamedTypeName(field.type)}.${name.value}`] : [],
        ),
      ];
    }),
  ),
);

test('each list of objects declares its size, so that its cost can be estimated', () => {
  const lists = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
    .flatMap((type) =>
      isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ type, field })) : [],
    )
    .filter(({ field }) => isListType(getNullableType(field.type)) && !isLeafType(getNamedType(field.type)))
    .map(({ type, field }) => `${type.name}.${field.name}`);
  expect(lists).toContain('Query.services');
  expect(lists.filter((coordinate) => !sizedCoordinates.has(coordinate))).toEqual([]);
});
