import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';

type Path = readonly (string | number)[];

/**
 * Compares a response with the expected one: data, order of keys, which places are null because of an error, error codes,
 * and errors for fields that the client did not select. If an error nulls more than its own field, GraphQL lets a server
 * report any one of several errors. Then one of them is enough.
 * @returns one line for each difference
 */
export function compareResponses(
  response: FormattedExecutionResult,
  expected: FormattedExecutionResult,
): string[] {
  const differences: string[] = [];
  if (JSON.stringify(response.data) !== JSON.stringify(expected.data)) {
    const isSameData = JSON.stringify(sortKeys(response.data)) === JSON.stringify(sortKeys(expected.data));
    differences.push(isSameData ? 'other order of keys' : 'other data');
  }
  const actualCodes = getCodesByNulledPath(response);
  const expectedCodes = getCodesByNulledPath(expected);
  for (const [path, codes] of expectedCodes) {
    const actual = actualCodes.get(path);
    if (!actual) differences.push(`no error for ${path}`);
    else if (codes.own && actual.own !== codes.own)
      differences.push(`${path} has the error code ${actual.own ?? '(none)'} instead of ${codes.own}`);
  }
  for (const path of actualCodes.keys()) {
    if (!expectedCodes.has(path)) differences.push(`unexpected error for ${path}`);
  }
  return differences;
}

/**
 * Finds the errors that name a field which did not fail: GraphQL lets a server choose among the errors of several fields, but
 * each must be the error of the field that it names.
 * @param all the response of a server on which no error hides another, because each field can be null
 * @returns one line for each difference
 */
export const findMisnamedErrors = (
  { errors = [] }: FormattedExecutionResult,
  all: FormattedExecutionResult,
): string[] =>
  errors.flatMap((error) => {
    const path = error.path ?? [];
    const causes = (all.errors ?? []).filter((each) => joinPath(each.path ?? []) === joinPath(path));
    const code = getCode(error);
    // A null that only a non-null field does not allow is no error here. It depends on nothing.
    const isNull = causes.length === 0 && code !== 'DEPENDENCY_FAILED' && getValue(all.data, path) === null;
    if (isNull || causes.some((cause) => getCode(cause) === code)) return [];
    return [`the field ${joinPath(path)} did not fail with the code ${code}`];
  });

/** @returns null if the path ends at a null above it */
function getValue(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

interface Codes {
  /** Code of an error whose path is the nulled path itself. */
  own?: string;
}

function getCodesByNulledPath({ data, errors = [] }: FormattedExecutionResult): Map<string, Codes> {
  const result = new Map<string, Codes>();
  for (const error of errors) {
    const path = getNulledPath(data, error);
    const codes = result.get(path) ?? {};
    if (error.path?.join('.') === path) codes.own = codes.own ?? getCode(error);
    result.set(path, codes);
  }
  return result;
}

const getCode = ({ extensions }: GraphQLFormattedError): string => {
  const code = extensions?.['code'];
  return typeof code === 'string' ? code : 'no code';
};

/** @returns the path of the null that an error caused, at or above the error's own path */
function getNulledPath(data: unknown, { path, message }: GraphQLFormattedError): string {
  if (!path) return `(no path: ${message})`;
  let value = data;
  const passed: (string | number)[] = [];
  for (const step of path) {
    if (value === null) return joinPath(passed);
    if (typeof value !== 'object') return `${joinPath(path)}, which is not in the response`;
    value = (value as Record<string | number, unknown>)[step];
    passed.push(step);
  }
  return value === null ? joinPath(passed) : `${joinPath(path)}, which is not null`;
}

const joinPath = (path: Path): string => path.join('.');

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, each]) => [key, sortKeys(each)]),
  );
}
