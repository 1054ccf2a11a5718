import { setImmediate } from 'node:timers/promises';
import { getErrorMessage } from '@seguridad-abc/platform';
import { Kind, parse, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import { z } from 'zod';
import type { ListedOperation } from './safelist.js';

/** Maximum size of one manifest. */
export const MAX_MANIFEST_BYTES = 16_777_216; // 16 MiB
const MAX_ID_LENGTH = 256;
const MAX_REPORTED_PROBLEMS = 5;

/** @see https://www.apollographql.com/docs/graphos/platform/security/persisted-queries#manifest-format */
const manifestSchema = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(
    z.object({
      id: z.string().min(1).max(MAX_ID_LENGTH),
      name: z.string(),
      type: z.enum(['query', 'mutation', 'subscription']),
      body: z.string(),
    }),
  ),
});

/**
 * Parses a persisted query manifest in Apollo's format.
 * @throws Error that says what is wrong with the manifest
 */
export function parseManifest(text: string): readonly ListedOperation[] {
  if (Buffer.byteLength(text) > MAX_MANIFEST_BYTES) {
    throw new Error(`It has more than ${MAX_MANIFEST_BYTES} bytes. Split it into several files.`);
  }
  const { success, data, error } = manifestSchema.safeParse(parseJson(text));
  if (success) return data.operations;
  const problems = error.issues
    .slice(0, MAX_REPORTED_PROBLEMS)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message));
  throw new Error(`It is not a manifest in Apollo's format: ${problems.join(', ')}. Generate it again.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`It is not JSON: ${getErrorMessage(error)}. Generate it again.`, { cause: error });
  }
}

/**
 * Validates operations against the schema, one after the other: requests are served between two of them.
 * @param knownBodies bodies that are known to be valid
 * @returns the problem of each invalid operation
 */
export async function findInvalidOperations(
  operations: readonly ListedOperation[],
  schema: GraphQLSchema,
  knownBodies: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const problems: string[] = [];
  for (const operation of operations) {
    if (knownBodies.has(operation.body)) continue;
    const problem = findProblem(operation, schema);
    if (problem !== undefined) problems.push(`The operation ${operation.name} is invalid: ${problem}`);
    await setImmediate();
  }
  return problems;
}

function findProblem({ name, type, body }: ListedOperation, schema: GraphQLSchema): string | undefined {
  try {
    const document = parse(body);
    const [operation, second] = document.definitions.filter(isOperation);
    if (!operation || second) return 'Its body must have exactly one operation.';
    if (operation.operation.toString() !== type)
      return `Its body is a ${operation.operation}, and its type is ${type}.`;
    if (operation.name && operation.name.value !== name)
      return `Its body has the name ${operation.name.value}.`;
    return validate(schema, document)[0]?.message;
  } catch (error) {
    // A syntax error, or a document that exhausts the stack.
    return getErrorMessage(error);
  }
}

const isOperation = (definition: DocumentNode['definitions'][number]) =>
  definition.kind === Kind.OPERATION_DEFINITION;
