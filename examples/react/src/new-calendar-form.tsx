import { useMutation } from '@apollo/client/react';
import { getNumber, getText } from './form-values';
import { CalendarsDocument, CreateCalendarDocument } from './generated';
import { Field, InputForm } from './input-form';

/** Creates a calendar of the holidays of a country, on which rules that name it allow no opening. */
export function NewCalendarForm({ userId }: { readonly userId: string }) {
  const [createCalendar, { error, loading }] = useMutation(CreateCalendarDocument, {
    refetchQueries: [CalendarsDocument],
  });

  function submit(values: FormData) {
    const year = getNumber(values, 'holidays.years');
    const holidays = {
      country: getText(values, 'holidays.country'),
      years: year === null ? [] : [year],
    };
    const input = { userId, name: getText(values, 'name'), dates: [], holidays };
    return createCalendar({ variables: { input } });
  }

  return (
    <InputForm
      title="New calendar of holidays"
      submitLabel="Create"
      isSending={loading}
      error={error}
      onSubmit={submit}
    >
      <Field name="name" label="Name" />
      <Field name="holidays.country" label="Country (CO, ES, …)" />
      <Field name="holidays.years" label="Year" type="number" defaultValue={new Date().getFullYear()} />
    </InputForm>
  );
}
