import type { ReactNode } from 'react';
import { joinClassNames } from './class-names';
import styles from './badge.module.css';

/** What a colour means. A text always says the same. */
export type Tone = 'critical' | 'warning' | 'info' | 'success' | 'neutral';

interface BadgeProps {
  readonly tone: Tone;
  /** The badge shows something that may be out of date. */
  readonly isStale?: boolean;
  readonly children: ReactNode;
}

/** A short text with a dot in the colour of its tone. */
export const Badge = ({ tone, isStale = false, children }: BadgeProps) => (
  <span className={joinClassNames(styles['badge'], styles[tone], isStale && styles['stale'])}>
    {children}
  </span>
);
