import type { ComponentProps } from 'react';
import { joinClassNames } from './class-names';
import styles from './button.module.css';

type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'type'> {
  readonly kind?: ButtonKind;
  readonly type?: 'button' | 'submit';
  /** The command runs: the button keeps the focus, and further presses do nothing. */
  readonly isBusy?: boolean;
}

/** A button. At most one of a view is `primary`. */
export function Button({
  kind = 'secondary',
  type = 'button',
  isBusy = false,
  className,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-disabled={isBusy || undefined}
      className={joinClassNames(styles['button'], styles[kind], className)}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}
