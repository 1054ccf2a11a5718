import { useMutation } from '@apollo/client/react';
import type { SubmitEvent } from 'react';
import { sortFaults } from './faults';
import { CreateRuleDocument, RulesDocument } from './generated';

const FIELDS = [
  { name: 'name', label: 'Name', type: 'text' },
  { name: 'opening', label: 'Opening', type: 'text' },
  { name: 'opensAt', label: 'Opens at', type: 'time' },
  { name: 'closesAt', label: 'Closes at', type: 'time' },
  { name: 'maxOpenSeconds', label: 'Seconds open at most', type: 'number' },
] as const;
const NAMES = FIELDS.map(({ name }) => name);

/** What is wrong is the server's to say, all at once, and is shown at the field that it is about. */
export function NewRule({ userId }: { readonly userId: string }) {
  const [createRule, { error, loading }] = useMutation(CreateRuleDocument, {
    refetchQueries: [RulesDocument],
  });
  const { byField, rest } = sortFaults(error, NAMES);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const values = new FormData(form);
    const text = (name: (typeof NAMES)[number]) => {
      const value = values.get(name);
      return typeof value === 'string' ? value : '';
    };
    const input = {
      userId,
      name: text('name'),
      opening: text('opening'),
      opensAt: text('opensAt') || null,
      closesAt: text('closesAt') || null,
      maxOpenSeconds: text('maxOpenSeconds') === '' ? null : Number(text('maxOpenSeconds')),
    };
    try {
      await createRule({ variables: { input } });
      form.reset();
    } catch {
      // `error` has it.
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
            aria-invalid={byField.has(name)}
            aria-describedby={byField.has(name) ? `${name}-fault` : undefined}
          />
          {byField.has(name) && <p id={`${name}-fault`}>{byField.get(name)}</p>}
        </div>
      ))}
      {rest.length > 0 && <p role="alert">{rest.join(' ')}</p>}
      <button disabled={loading}>Create</button>
    </form>
  );
}
