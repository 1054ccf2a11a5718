import type { RuleFieldsFragment, Weekday } from './generated.js';

/** In the order of the week. */
export const WEEKDAYS: readonly Weekday[] = [
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
  'SUNDAY',
];

/** Shortens a day: MONDAY becomes Mon. */
export const formatDay = (day: Weekday): string => `${day.charAt(0)}${day.slice(1, 3).toLowerCase()}`;

/** Describes what a rule demands, in one line. */
export function describeRule(rule: RuleFieldsFragment): string {
  const { calendar, graceSeconds, maxOpenSeconds, silentAfterSeconds, onTamper, onBatteryLow } = rule;
  const allowed = [
    describeHours(rule.windows),
    calendar && `calendar ${calendar.name}`,
    graceSeconds > 0 && `${graceSeconds} s of grace`,
    maxOpenSeconds !== null && `at most ${maxOpenSeconds} s at a time`,
  ];
  const watched = [
    silentAfterSeconds !== null && `after ${silentAfterSeconds} s without a reading`,
    onTamper && 'on tampering',
    onBatteryLow && 'on a low battery',
  ].filter(Boolean);
  const sentences = [
    allowed.filter(Boolean).join(', '),
    watched.length > 0 && `Alarm ${watched.join(', ')}`,
    rule.activeWindows && `In force ${describeWindows(rule.activeWindows) || 'never'}`,
  ];
  return sentences.filter(Boolean).join('. ');
}

/** A window of a rule. Its active windows have no `openBy`. */
interface DescribedWindow {
  readonly days: readonly Weekday[];
  readonly opensAt: string;
  readonly closesAt: string;
  readonly openBy?: string | null;
}

function describeHours(windows: readonly DescribedWindow[] | null): string {
  if (!windows) return 'May be open at any time';
  return windows.length === 0 ? 'May never be open' : `May be open ${describeWindows(windows)}`;
}

const describeWindows = (windows: readonly DescribedWindow[]) => windows.map(describeWindow).join(' and ');

const describeWindow = ({ days, opensAt, closesAt, openBy }: DescribedWindow) =>
  [describeDays(days), describeTimes(opensAt, closesAt), openBy && `(opened by ${openBy})`]
    .filter(Boolean)
    .join(' ');

/** Equal times are a whole day. */
const describeTimes = (opensAt: string, closesAt: string) =>
  opensAt === '00:00' && closesAt === opensAt ? 'all day' : `${opensAt} to ${closesAt}`;

/** Names days in the order of the week: `Mon–Fri`, `Sat, Sun`. All seven need no words. */
function describeDays(days: readonly Weekday[]): string {
  if (days.length === 0) return 'on no day';
  if (days.length === WEEKDAYS.length) return '';
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return 'on no day';
  const isRun = WEEKDAYS.indexOf(last) - WEEKDAYS.indexOf(first) === days.length - 1;
  return isRun && days.length > 2 ? `${formatDay(first)}–${formatDay(last)}` : days.map(formatDay).join(', ');
}
