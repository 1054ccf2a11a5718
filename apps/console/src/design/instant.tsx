import { useLingui } from '@lingui/react/macro';
import {
  formatAge,
  formatDuration,
  formatFullInstant,
  formatInstant,
  getZoneCity,
  hasOtherClock,
} from '../languages/times';
import { useNow } from './use-now';

interface InstantProps {
  /** An instant in RFC 3339. */
  readonly at: string;
  /** The zone of what happened there. Its time is added if its clock differs from the user's. */
  readonly timeZone?: string;
}

/** An instant on the user's clock, with the date unless it is today, and on the clock of the place if that differs. */
export function Instant({ at, timeZone }: InstantProps) {
  const { i18n } = useLingui();
  const now = useNow(60_000);
  const isElsewhere = timeZone !== undefined && hasOtherClock(at, timeZone);
  return (
    <time dateTime={at} title={formatFullInstant(at, i18n.locale)}>
      {formatInstant(at, i18n.locale, now)}
      {isElsewhere && ` (${formatInstant(at, i18n.locale, now, timeZone)} ${getZoneCity(timeZone)})`}
    </time>
  );
}

/** How long something lasts that began at an instant. */
export function ElapsedTime({ since }: { readonly since: string }) {
  const { i18n } = useLingui();
  const now = useNow();
  return (
    <time dateTime={since} title={formatFullInstant(since, i18n.locale)}>
      {formatDuration(now - Date.parse(since), i18n.locale)}
    </time>
  );
}

/** How long ago an instant is. */
export function Age({ at }: { readonly at: string }) {
  const { i18n } = useLingui();
  const now = useNow();
  return (
    <time dateTime={at} title={formatFullInstant(at, i18n.locale)}>
      {formatAge(at, i18n.locale, now)}
    </time>
  );
}
