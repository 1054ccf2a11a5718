import { z } from 'zod';
import { UsageError } from '../shared/errors.js';

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const DURATION_PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
/** The longest delay of Node's timers. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** An option with a duration such as `10s`, `500ms` or `1.5m`, at least 1 ms. The value is in ms. */
export const durationOption = (): z.ZodType<number, string> =>
  z
    .string()
    .transform((text) => {
      const [, number, unit = ''] = DURATION_PATTERN.exec(text) ?? [];
      return Number(number) * (MS_PER_UNIT[unit] ?? NaN);
    })
    .refine((ms) => ms >= 1 && ms <= MAX_DURATION_MS, 'must be a duration like 10s, 500ms or 2m');

/** An option with a whole number in an inclusive range. */
export const wholeNumberOption = ({ min, max }: { min: number; max: number }): z.ZodType<number, string> =>
  z
    .string()
    .transform((text) => (/^\d{1,15}$/.test(text) ? Number(text) : NaN))
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

/** An option with the value `true` or `false`. */
export const booleanOption = (): z.ZodType<boolean, string> =>
  z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');

/**
 * Validates the options of a command.
 * @param argv what yargs has parsed; other properties are ignored
 * @throws UsageError with one line per invalid option
 */
export function parseOptions<Schema extends z.ZodType>(schema: Schema, argv: unknown): z.output<Schema> {
  const parsed = schema.safeParse(argv);
  if (parsed.success) return parsed.data;
  const given = argv as Readonly<Record<string, unknown>>;
  const lines = parsed.error.issues.map(({ path: [name = ''], message }) => {
    const value = given[String(name)];
    return `--${formatOptionName(String(name))} ${message}${typeof value === 'string' ? ` (it is "${value}")` : ''}.`;
  });
  const [command = ''] = (given['_'] ?? []) as readonly string[];
  throw new UsageError(`${lines.join('\n')} ${formatHelpHint(command)}`);
}

/** `effectiveFrom` is the option `effective-from`. */
export const formatOptionName = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A call of a command on a line without other text, so that a user can copy it. */
export const formatExampleCall = (call: string): string => `For example:\n  ${call}`;

/** The end of a message about wrong usage. Without `--`, npm would print its own help. */
export const formatHelpHint = (command: string): string => `See npm run ${command} -- --help.`;
