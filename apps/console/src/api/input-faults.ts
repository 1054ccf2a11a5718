import { CombinedGraphQLErrors } from '@apollo/client/errors';

/** One fault of a command's input. See docs/errors.md. */
interface InputFault {
  /** From the argument to the value, such as `["input", "windows", 1, "openBy"]`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The messages of an error: those about a field of a form by its name, and all others. */
export interface FaultMessages {
  readonly byField: ReadonlyMap<string, string>;
  readonly others: readonly string[];
}

/**
 * Groups the messages of an error by field.
 * @param fieldNames the fields of the form: paths in the input, such as `windows.1.openBy`. A fault inside of a field, such as
 *   `windows.1.days.3` of `windows.1.days`, is a fault of that field.
 */
export function groupFaultMessages(error: Error | undefined, fieldNames: readonly string[]): FaultMessages {
  const byField = new Map<string, string>();
  const others: string[] = [];
  for (const { path, message } of getInputFaults(error)) {
    const field = findField(path.slice(1).map(String), fieldNames);
    if (field === undefined) others.push(message);
    else byField.set(field, [byField.get(field), message].filter(Boolean).join(' '));
  }
  return { byField, others };
}

/** Finds the innermost field that contains a path. */
function findField(path: readonly string[], fieldNames: readonly string[]): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const name = path.slice(0, length).join('.');
    if (fieldNames.includes(name)) return name;
  }
  return undefined;
}

function getInputFaults(error: Error | undefined): readonly InputFault[] {
  if (!error) return [];
  if (!CombinedGraphQLErrors.is(error)) return [{ path: [], message: error.message }];
  return error.errors.flatMap(
    ({ message, extensions }) =>
      (extensions?.['faults'] as InputFault[] | undefined) ?? [{ path: [], message }],
  );
}
