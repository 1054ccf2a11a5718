import {
  createContext,
  useContext,
  useId,
  useState,
  type ComponentProps,
  type ReactNode,
  type SubmitEvent,
} from 'react';
import { groupFaultMessages } from './input-faults';

/** The messages of the form around a field, by the name of their field. */
const FaultMessagesContext = createContext<ReadonlyMap<string, string>>(new Map());

interface InputFormProps {
  readonly title: string;
  readonly submitLabel: string;
  readonly isSending: boolean;
  /** Why the last command was rejected. */
  readonly error: Error | undefined;
  /** Sends the command. The form is cleared if it succeeds. */
  readonly onSubmit: (values: FormData) => Promise<unknown>;
  readonly children: ReactNode;
}

/**
 * A form for the input of a command, without client-side validation: the server returns every fault, and the form shows each one
 * at its field. Each field has its path in the input as its name, such as `windows.1.openBy`.
 */
export function InputForm({ title, submitLabel, isSending, error, onSubmit, children }: InputFormProps) {
  const titleId = useId();
  const [fieldNames, setFieldNames] = useState<readonly string[]>([]);
  const { byField, others } = groupFaultMessages(error, fieldNames);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    setFieldNames([...form.elements].map((element) => element.getAttribute('name') ?? ''));
    try {
      await onSubmit(new FormData(form));
      form.reset();
    } catch {
      // The hook that sends the command returns the same error as `error`.
    }
  }

  return (
    <form aria-labelledby={titleId} noValidate onSubmit={(event) => void submit(event)}>
      <h2 id={titleId}>{title}</h2>
      <FaultMessagesContext value={byField}>{children}</FaultMessagesContext>
      {others.length > 0 && <p role="alert">{others.join(' ')}</p>}
      <button disabled={isSending}>{submitLabel}</button>
    </form>
  );
}

interface FieldProps extends Omit<ComponentProps<'input'>, 'id' | 'name'> {
  readonly name: string;
  readonly label: string;
}

/** A labelled input with its fault. With children, which are options, it is a select. */
export function Field({ name, label, type = 'text', defaultValue, children, ...others }: FieldProps) {
  const id = useId();
  const fault = useFault(name);
  const shared = {
    id,
    name,
    defaultValue,
    'aria-invalid': fault.describedBy !== undefined,
    'aria-describedby': fault.describedBy,
  };
  return (
    <div className={type}>
      <label htmlFor={id}>{label}</label>
      {children ? <select {...shared}>{children}</select> : <input {...shared} {...others} type={type} />}
      {fault.element}
    </div>
  );
}

interface FieldGroupProps {
  readonly name?: string;
  readonly label: string;
  readonly children: ReactNode;
}

/** Several inputs with one label. With a name, it shows the faults of this part of the input. */
export function FieldGroup({ name, label, children }: FieldGroupProps) {
  const fault = useFault(name);
  return (
    <fieldset name={name} aria-describedby={fault.describedBy}>
      <legend>{label}</legend>
      {children}
      {fault.element}
    </fieldset>
  );
}

/** Returns the fault of a field as an element, and the id of that element if there is one. */
function useFault(name: string | undefined) {
  const id = useId();
  const message = useContext(FaultMessagesContext).get(name ?? '');
  return {
    element: message !== undefined && (
      <p id={id} className="fault">
        {message}
      </p>
    ),
    describedBy: message === undefined ? undefined : id,
  };
}
