import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { useMutation } from '@apollo/client/react';
import type { SubmitEvent } from 'react';
import { CreateRuleDocument, RulesDocument } from './generated';

const FIELDS = [
  { name: 'name', label: 'Name', type: 'text' },
  { name: 'opening', label: 'Opening', type: 'text' },
  { name: 'opensAt', label: 'Opens at', type: 'time' },
  { name: 'closesAt', label: 'Closes at', type: 'time' },
  { name: 'maxOpenSeconds', label: 'Seconds open at most', type: 'number' },
] as const;
const FIELD_NAMES = FIELDS.map(({ name }) => name);
type FieldName = (typeof FIELDS)[number]['name'];

/** A form without client-side validation. The server returns every fault, and the form shows each one at its field. */
export function NewRuleForm({ userId }: { readonly userId: string }) {
  const [createRule, { error, loading }] = useMutation(CreateRuleDocument, {
    refetchQueries: [RulesDocument],
  });
  const { messagesByField, otherMessages } = groupFaultMessages(error);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const values = new FormData(form);
    const getText = (name: FieldName) => {
      const value = values.get(name);
      return typeof value === 'string' ? value : '';
    };
    const input = {
      userId,
      name: getText('name'),
      opening: getText('opening'),
      opensAt: getText('opensAt') || null,
      closesAt: getText('closesAt') || null,
      maxOpenSeconds: getText('maxOpenSeconds') === '' ? null : Number(getText('maxOpenSeconds')),
    };
    try {
      await createRule({ variables: { input } });
      form.reset();
    } catch {
      // The hook returns the same error as `error`.
    }
  }

  return (
    <form aria-labelledby="new-rule" noValidate onSubmit={(event) => void submit(event)}>
      <h2 id="new-rule">New rule</h2>
      {FIELDS.map(({ name, label, type }) => (
        <div key={name} className={type}>
          <label htmlFor={name}>{label}</label>
          <input
            id={name}
            name={name}
            type={type}
            aria-invalid={messagesByField.has(name)}
            aria-describedby={messagesByField.has(name) ? `${name}-fault` : undefined}
          />
          {messagesByField.has(name) && <p id={`${name}-fault`}>{messagesByField.get(name)}</p>}
        </div>
      ))}
      {otherMessages.length > 0 && <p role="alert">{otherMessages.join(' ')}</p>}
      <button disabled={loading}>Create</button>
    </form>
  );
}

/** One fault of a command's input. See docs/errors.md. */
interface InputFault {
  /** The first element is the argument, the second is the field. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Groups the messages of an error by form field. Messages about anything else are in `otherMessages`. */
function groupFaultMessages(error: Error | undefined) {
  const messagesByField = new Map<FieldName, string>();
  const otherMessages: string[] = [];
  for (const { path, message } of getInputFaults(error)) {
    const field = FIELD_NAMES.find((name) => name === path[1]);
    if (field === undefined) otherMessages.push(message);
    else messagesByField.set(field, message);
  }
  return { messagesByField, otherMessages };
}

function getInputFaults(error: Error | undefined): readonly InputFault[] {
  if (!error) return [];
  if (!CombinedGraphQLErrors.is(error)) return [{ path: [], message: error.message }];
  return error.errors.flatMap(
    ({ message, extensions }) =>
      (extensions?.['faults'] as InputFault[] | undefined) ?? [{ path: [], message }],
  );
}
