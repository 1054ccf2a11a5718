import { randomBytes } from 'node:crypto';
import {
  BREAK,
  isScalarType,
  isSpecifiedScalarType,
  specifiedScalarTypes,
  Kind,
  TypeInfo,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
  type IntValueNode,
  type StringValueNode,
  type ValueNode,
} from 'graphql';
import { MAX_EXACT_LENGTH } from '../shared/exact-json.js';

/*
 * Integers beyond 2^53 that a document contains as literals. A custom scalar such as `BigInt` or `JSON` takes them, but graphql-js and
 * Apollo's planner read every integer as a number, which rounds it. The same for JSON is in `shared/exact-json.ts`.
 */

/** Marks an integer in a string literal. It is unknown outside of the process, so that no client can send it. */
const MARK = randomBytes(12).toString('base64url');
/** A marked literal in a query that is itself a text in JSON. */
const MARKED_LITERALS = new RegExp(`\\\\"${MARK}(-?\\d+)\\\\"`, 'g');

const SPECIFIED_SCALARS: ReadonlySet<string> = new Set(specifiedScalarTypes.map(({ name }) => name));

/** Lets the custom scalars of a schema read literals exactly: an integer beyond 2^53 becomes a `bigint`. Changes the schema. */
export function readLiteralsExactly(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isScalarType(type) && !isSpecifiedScalarType(type)) type.parseLiteral = readLiteral;
  }
  return schema;
}

function readLiteral(node: ValueNode, variables?: Readonly<Record<string, unknown>> | null): unknown {
  switch (node.kind) {
    case Kind.INT:
      return isRounded(node.value) && node.value.length <= MAX_EXACT_LENGTH
        ? BigInt(node.value)
        : Number(node.value);
    case Kind.LIST:
      return node.values.map((value) => readLiteral(value, variables));
    case Kind.OBJECT: {
      const fields = node.fields.map(
        ({ name, value }) => [name.value, readLiteral(value, variables)] as const,
      );
      return Object.assign(Object.create(null) as object, Object.fromEntries(fields));
    }
    default:
      return valueFromASTUntyped(node, variables);
  }
}

const isRounded = (integer: string): boolean => !Number.isSafeInteger(Number(integer));

/**
 * Turns large integers for custom scalars into marked strings, which Apollo's planner leaves as they are.
 * @param document valid for the schema
 * @returns the same document if it has none
 */
export function markLargeIntegers(document: DocumentNode, schema: GraphQLSchema): DocumentNode {
  if (!hasLargeIntegers(document)) return document;
  const typeInfo = new TypeInfo(schema);
  const markInteger = ({ value }: IntValueNode): StringValueNode | undefined => {
    // The fields of an object for a custom scalar have no type.
    const typeName = String(typeInfo.getInputType()).replaceAll(/[[\]!]/g, '');
    if (!isRounded(value) || SPECIFIED_SCALARS.has(typeName)) return undefined;
    return { kind: Kind.STRING, value: MARK + value };
  };
  return visit(document, visitWithTypeInfo(typeInfo, { IntValue: (node): unknown => markInteger(node) }));
}

function hasLargeIntegers(document: DocumentNode): boolean {
  let count = 0;
  visit(document, {
    IntValue({ value }) {
      if (!isRounded(value)) return undefined;
      count += 1;
      return BREAK;
    },
  });
  return count > 0;
}

/** Turns marked strings in the queries of a plan back into integers. @param planJson a plan as JSON */
export const restoreLargeIntegers = (planJson: string): string =>
  planJson.includes(MARK) ? planJson.replace(MARKED_LITERALS, '$1') : planJson;
