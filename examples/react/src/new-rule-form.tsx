import { useMutation, useQuery } from '@apollo/client/react';
import { useRef, useState } from 'react';
import { getNumber, getText } from './form-values';
import { CalendarsDocument, CreateRuleDocument, RulesDocument, type WindowInput } from './generated';
import { Field, FieldGroup, InputForm } from './input-form';
import { formatDay, WEEKDAYS } from './rule-description';

/** Creates a rule of any kind. */
export function NewRuleForm({ userId }: { readonly userId: string }) {
  const { data } = useQuery(CalendarsDocument, { variables: { userId } });
  const [createRule, { error, loading, reset }] = useMutation(CreateRuleDocument, {
    refetchQueries: [RulesDocument],
  });
  /** A key for each window, in ascending order. */
  const [windowKeys, setWindowKeys] = useState<readonly number[]>([]);
  const addButton = useRef<HTMLButtonElement>(null);

  function changeWindows(keys: readonly number[]) {
    setWindowKeys(keys);
    // The faults name windows by their place, which may be that of another window now.
    reset();
  }
  function removeWindow(key: number) {
    changeWindows(windowKeys.filter((each) => each !== key));
    addButton.current?.focus();
  }

  async function submit(values: FormData) {
    const noWindows = values.has('isNeverAllowed') ? [] : null;
    const windows = windowKeys.map((_, index) => readWindow(values, `windows.${index}`));
    const input = {
      userId,
      name: getText(values, 'name'),
      opening: getText(values, 'opening'),
      windows: windows.length > 0 ? windows : noWindows,
      calendarId: getText(values, 'calendarId') || null,
      graceSeconds: getNumber(values, 'graceSeconds'),
      maxOpenSeconds: getNumber(values, 'maxOpenSeconds'),
      silentAfterSeconds: getNumber(values, 'silentAfterSeconds'),
      onTamper: values.has('onTamper'),
      onBatteryLow: values.has('onBatteryLow'),
    };
    await createRule({ variables: { input } });
    setWindowKeys([]);
  }

  return (
    <InputForm title="New rule" submitLabel="Create" isSending={loading} error={error} onSubmit={submit}>
      <Field name="name" label="Name" />
      <Field name="opening" label="Opening" />
      <FieldGroup name="windows" label="May be open">
        {windowKeys.length === 0 && <Checkbox name="isNeverAllowed" label="Never (otherwise at any time)" />}
        {windowKeys.map((key, index) => (
          <WindowFields key={key} index={index} onRemove={() => removeWindow(key)} />
        ))}
        <button
          ref={addButton}
          type="button"
          className="secondary"
          onClick={() => changeWindows([...windowKeys, (windowKeys.at(-1) ?? 0) + 1])}
        >
          Add window
        </button>
      </FieldGroup>
      <Field name="calendarId" label="Calendar">
        <option value="">None</option>
        {data?.user?.calendars?.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Field>
      <Field name="graceSeconds" label="Seconds of grace" type="number" />
      <Field name="maxOpenSeconds" label="Seconds open at most" type="number" />
      <Field name="silentAfterSeconds" label="Seconds without a reading at most" type="number" />
      <FieldGroup label="Alarm also">
        <Checkbox name="onTamper" label="if the sensor is tampered with" />
        <Checkbox name="onBatteryLow" label="if its battery is low" />
      </FieldGroup>
    </InputForm>
  );
}

interface WindowFieldsProps {
  readonly index: number;
  readonly onRemove: () => void;
}

function WindowFields({ index, onRemove }: WindowFieldsProps) {
  const name = `windows.${index}`;
  const label = `Window ${index + 1}`;
  return (
    <FieldGroup name={name} label={label}>
      <FieldGroup name={`${name}.days`} label="Days">
        {WEEKDAYS.map((day) => (
          <Checkbox key={day} name={`${name}.days`} value={day} label={formatDay(day)} defaultChecked />
        ))}
      </FieldGroup>
      <Field name={`${name}.opensAt`} label="From" type="time" />
      <Field name={`${name}.closesAt`} label="To" type="time" />
      <Field name={`${name}.openBy`} label="Opened by" type="time" />
      <button type="button" className="secondary" aria-label={`Remove ${label}`} onClick={onRemove}>
        Remove
      </button>
    </FieldGroup>
  );
}

interface CheckboxProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly defaultChecked?: boolean;
}

const Checkbox = ({ label, ...attributes }: CheckboxProps) => (
  <label className="checkbox">
    <input type="checkbox" {...attributes} /> {label}
  </label>
);

function readWindow(values: FormData, name: string): WindowInput {
  const days = values.getAll(`${name}.days`);
  return {
    days: WEEKDAYS.filter((day) => days.includes(day)),
    opensAt: getText(values, `${name}.opensAt`),
    closesAt: getText(values, `${name}.closesAt`),
    openBy: getText(values, `${name}.openBy`) || null,
  };
}
