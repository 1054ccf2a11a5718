import { useId, type ComponentProps, type ReactNode } from 'react';
import styles from './field.module.css';

interface FieldTexts {
  readonly label: ReactNode;
  /** What to enter, below the label. */
  readonly hint?: ReactNode;
  /** Why the value was rejected. The control is then marked as invalid and described by it. */
  readonly fault?: string | undefined;
}

interface FieldFrameProps extends FieldTexts {
  /** Creates the control with the attributes that connect it to the texts. */
  readonly children: (attributes: ControlAttributes) => ReactNode;
}

interface ControlAttributes {
  readonly id: string;
  readonly className: string | undefined;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string | undefined;
}

/** A label, a control, and what is wrong with its value. */
export function FieldFrame({ label, hint, fault, children }: FieldFrameProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  const faultId = `${id}-fault`;
  const describedBy = [hint !== undefined && hintId, fault !== undefined && faultId]
    .filter(Boolean)
    .join(' ');
  return (
    <div className={styles['field']}>
      <label className={styles['label']} htmlFor={id}>
        {label}
      </label>
      {hint !== undefined && (
        <p className={styles['hint']} id={hintId}>
          {hint}
        </p>
      )}
      {children({
        id,
        className: styles['control'],
        'aria-invalid': fault !== undefined,
        'aria-describedby': describedBy || undefined,
      })}
      {fault !== undefined && (
        <p className={styles['fault']} id={faultId}>
          {fault}
        </p>
      )}
    </div>
  );
}

/** A field for one line of text, a number, a date or a time. */
export const TextField = ({
  label,
  hint,
  fault,
  ...rest
}: FieldTexts & Omit<ComponentProps<'input'>, 'id' | 'className'>) => (
  <FieldFrame label={label} hint={hint} fault={fault}>
    {(attributes) => <input {...rest} {...attributes} />}
  </FieldFrame>
);

/** A field for several lines of text. */
export const TextArea = ({
  label,
  hint,
  fault,
  ...rest
}: FieldTexts & Omit<ComponentProps<'textarea'>, 'id' | 'className'>) => (
  <FieldFrame label={label} hint={hint} fault={fault}>
    {(attributes) => <textarea rows={3} {...rest} {...attributes} />}
  </FieldFrame>
);

/** A choice among few values: the browser's own list, which phones show best. The children are `option` elements. */
export const SelectField = ({
  label,
  hint,
  fault,
  ...rest
}: FieldTexts & Omit<ComponentProps<'select'>, 'id' | 'className'>) => (
  <FieldFrame label={label} hint={hint} fault={fault}>
    {(attributes) => <select {...rest} {...attributes} />}
  </FieldFrame>
);
