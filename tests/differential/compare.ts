import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';

type Path = readonly (string | number)[];

/**
 * How an answer differs from the one that is right: in data, in the order of keys, in what became null by an error, in
 * codes, or by errors of fields that nobody asked for. Where an error makes more than its own field null, GraphQL
 * leaves open how many of several errors are told; then one will do.
 */
export function differences(answer: FormattedExecutionResult, right: FormattedExecutionResult): string[] {
  const found: string[] = [];
  const isSame = JSON.stringify(answer.data) === JSON.stringify(right.data);
  if (!isSame) {
    const inOrder = JSON.stringify(sorted(answer.data)) !== JSON.stringify(sorted(right.data));
    found.push(inOrder ? 'other data' : 'other order of keys');
  }
  const told = nulledBy(answer);
  const expected = nulledBy(right);
  for (const [path, codes] of expected) {
    const mine = told.get(path);
    if (!mine) found.push(`no error for ${path}`);
    else if (codes.own && mine.own !== codes.own)
      found.push(`${path} fails with ${mine.own ?? 'nothing of its own'}, not ${codes.own}`);
  }
  for (const path of told.keys()) {
    if (!expected.has(path)) found.push(`an error too many for ${path}`);
  }
  return found;
}

interface Codes {
  /** Of the error of the very field that is null. */
  own?: string;
}

/** By the path of what an error made null. */
function nulledBy({ data, errors = [] }: FormattedExecutionResult): Map<string, Codes> {
  const result = new Map<string, Codes>();
  for (const error of errors) {
    const path = nulledPath(data, error);
    const codes = result.get(path) ?? {};
    if (error.path?.join('.') === path) codes.own = codes.own ?? codeOf(error);
    result.set(path, codes);
  }
  return result;
}

const codeOf = ({ extensions }: GraphQLFormattedError): string => {
  const code = extensions?.['code'];
  return typeof code === 'string' ? code : 'no code';
};

function nulledPath(data: unknown, { path, message }: GraphQLFormattedError): string {
  if (!path) return `(no path: ${message})`;
  let value = data;
  const passed: (string | number)[] = [];
  for (const step of path) {
    if (value === null) return textOf(passed);
    if (typeof value !== 'object') return `${textOf(path)}, which is not in the answer`;
    value = (value as Record<string | number, unknown>)[step];
    passed.push(step);
  }
  return value === null ? textOf(passed) : `${textOf(path)}, which is not null`;
}

const textOf = (path: Path): string => path.join('.');

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
