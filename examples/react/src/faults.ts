import { CombinedGraphQLErrors } from '@apollo/client/errors';

/** One thing that is wrong with the input of a command; docs/errors.md lists the codes. */
interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is wrong, by field of the input. What is about no field that the form has, or is no fault of the input, is `rest`. */
export function sortFaults<Field extends string>(error: Error | undefined, fields: readonly Field[]) {
  const byField = new Map<Field, string>();
  const rest: string[] = [];
  for (const { path, message } of faultsOf(error)) {
    const field = fields.find((name) => name === path[1]);
    if (field === undefined) rest.push(message);
    else byField.set(field, message);
  }
  return { byField, rest };
}

function faultsOf(error: Error | undefined): readonly Fault[] {
  if (!error) return [];
  if (!CombinedGraphQLErrors.is(error)) return [{ path: [], message: error.message }];
  return error.errors.flatMap(
    ({ message, extensions }) => (extensions?.['faults'] as Fault[] | undefined) ?? [{ path: [], message }],
  );
}
