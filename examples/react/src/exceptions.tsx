import { useMutation, useQuery } from '@apollo/client/react';
import { getText } from './form-values';
import {
  ActiveExceptionsDocument,
  CancelExceptionDocument,
  CreateExceptionDocument,
  type ExceptionEffect,
  type ExceptionFieldsFragment,
} from './generated';
import { Field, InputForm } from './input-form';

/** No subscription tells when an exception begins or ends. */
const POLL_INTERVAL_MS = 30_000;

/** Shows the exceptions that are in effect now, each with a button that ends it. */
export function ExceptionList({ userId }: { readonly userId: string }) {
  const { data, error } = useQuery(ActiveExceptionsDocument, {
    variables: { userId },
    pollInterval: POLL_INTERVAL_MS,
  });
  const [cancelException, cancellation] = useMutation(CancelExceptionDocument, {
    refetchQueries: [ActiveExceptionsDocument],
    // The hook returns the error as `cancellation.error`.
    onError: () => undefined,
  });
  const problem = error ?? cancellation.error;
  const exceptions = data?.user?.exceptions ?? [];

  return (
    <section aria-labelledby="exceptions">
      <h2 id="exceptions">Exceptions now</h2>
      {problem && <p role="alert">{problem.message}</p>}
      {data && exceptions.length === 0 && <p>None.</p>}
      <ul className="exceptions" aria-labelledby="exceptions" aria-live="polite">
        {exceptions.map((exception) => (
          <li key={exception.id}>
            <strong>{describeException(exception)}</strong>
            <p>{exception.reason}</p>
            <button
              className="secondary"
              aria-label={`Cancel: ${describeException(exception)}`}
              disabled={cancellation.loading}
              onClick={() => void cancelException({ variables: { id: exception.id } })}
            >
              Cancel
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function describeException({ effect, openings, until }: ExceptionFieldsFragment): string {
  const subject = openings?.join(', ') ?? 'All openings';
  const meaning = effect === 'ALLOW' ? 'may be open' : 'raise no alarms';
  const end = new Date(until).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  return `${subject} ${meaning} until ${end}`;
}

/** Allows an opening to be open, or suspends its alarms, from now until a time. */
export function NewExceptionForm({ userId }: { readonly userId: string }) {
  const [createException, { error, loading }] = useMutation(CreateExceptionDocument, {
    refetchQueries: [ActiveExceptionsDocument],
  });

  function submit(values: FormData) {
    const opening = getText(values, 'openings');
    const until = getText(values, 'until');
    const input = {
      userId,
      openings: opening === '' ? null : [opening],
      effect: getText(values, 'effect') as ExceptionEffect,
      // The server replaces an instant in the past by that of its clock.
      from: new Date(0).toISOString(),
      // The input is a wall-clock time of the browser's time zone.
      until: until === '' ? '' : new Date(until).toISOString(),
      reason: getText(values, 'reason'),
    };
    return createException({ variables: { input } });
  }

  return (
    <InputForm
      title="Tonight until …"
      submitLabel="Start now"
      isSending={loading}
      error={error}
      onSubmit={submit}
    >
      <Field name="openings" label="Opening (empty: all)" />
      <Field name="effect" label="Effect">
        <option value="ALLOW">May be open</option>
        <option value="SUSPEND">Raises no alarms</option>
      </Field>
      <Field name="until" label="Until" type="datetime-local" />
      <Field name="reason" label="Reason" />
    </InputForm>
  );
}
