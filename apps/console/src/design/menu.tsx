import { Menu as BaseMenu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { joinClassNames } from './class-names';
import buttonStyles from './button.module.css';
import { Icon } from './icon';
import styles from './menu.module.css';

interface MenuProps {
  /** The name of the button, if its content is only a picture. */
  readonly label?: string;
  readonly trigger: ReactNode;
  readonly children: ReactNode;
}

/** A button that opens a list of commands. Arrow keys and first letters move in it. */
export const Menu = ({ label, trigger, children }: MenuProps) => (
  <BaseMenu.Root modal={false}>
    <BaseMenu.Trigger
      className={joinClassNames(buttonStyles['button'], buttonStyles['quiet'], styles['trigger'])}
      aria-label={label}
    >
      {trigger}
    </BaseMenu.Trigger>
    <BaseMenu.Portal>
      <BaseMenu.Positioner className={styles['positioner']} sideOffset={6} align="end" collisionPadding={8}>
        <BaseMenu.Popup className={styles['popup']}>{children}</BaseMenu.Popup>
      </BaseMenu.Positioner>
    </BaseMenu.Portal>
  </BaseMenu.Root>
);

export const MenuItem = ({
  onSelect,
  children,
}: {
  readonly onSelect: () => void;
  readonly children: ReactNode;
}) => (
  <BaseMenu.Item className={styles['item']} onClick={onSelect}>
    {children}
  </BaseMenu.Item>
);

/** An item that opens a page of the gateway. */
export const MenuLink = ({ href, children }: { readonly href: string; readonly children: ReactNode }) => (
  <BaseMenu.LinkItem className={styles['item']} href={href}>
    {children}
  </BaseMenu.LinkItem>
);

interface MenuChoiceProps<Value extends string> {
  readonly label: ReactNode;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly options: readonly { readonly value: Value; readonly label: ReactNode; readonly lang?: string }[];
}

/** A group of items of which one is chosen. */
export const MenuChoice = <Value extends string>({
  label,
  value,
  onChange,
  options,
}: MenuChoiceProps<Value>) => (
  <BaseMenu.Group>
    <BaseMenu.GroupLabel className={styles['label']}>{label}</BaseMenu.GroupLabel>
    <BaseMenu.RadioGroup value={value} onValueChange={(chosen) => onChange(chosen as Value)}>
      {options.map((option) => (
        <BaseMenu.RadioItem
          key={option.value}
          value={option.value}
          lang={option.lang}
          className={styles['item']}
          closeOnClick
        >
          <span className={styles['mark']}>
            <BaseMenu.RadioItemIndicator>
              <Icon name="check" size={16} />
            </BaseMenu.RadioItemIndicator>
          </span>
          {option.label}
        </BaseMenu.RadioItem>
      ))}
    </BaseMenu.RadioGroup>
  </BaseMenu.Group>
);

export const MenuSeparator = () => <BaseMenu.Separator className={styles['separator']} />;
