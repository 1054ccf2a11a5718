import { UsageError } from '../cli/exit.mjs';

/** The options of both kinds of list; each is a field of the API's filter. */
export const FILTER_OPTIONS = /** @type {const} */ ({
  user: { type: 'string' },
  opening: { type: 'string' },
  enabled: { type: 'string' },
  search: { type: 'string' },
  rule: { type: 'string' },
  kind: { type: 'string' },
  severity: { type: 'string' },
  status: { type: 'string' },
  acknowledged: { type: 'string' },
  from: { type: 'string' },
  before: { type: 'string' },
});

/** @typedef {keyof typeof FILTER_OPTIONS} Option */
/** @typedef {(option: string, text: string) => unknown} Read */

/** @type {Read} */
const text = (_option, given) => given;
/** @type {Read} */
const several = (_option, given) => given.split(',').map((one) => one.trim().toUpperCase());
/** @type {Read} */
const one = (_option, given) => given.trim().toUpperCase();
/** @type {Read} */
const flag = (option, given) => {
  if (given === 'true' || given === 'false') return given === 'true';
  throw new UsageError(`--${option} must be true or false (it is "${given}").`);
};

/** @type {Readonly<Record<'alarms' | 'rules', Partial<Record<Option, readonly [string, Read]>>>>} */
const FIELDS = {
  rules: {
    user: ['userId', text],
    opening: ['opening', text],
    enabled: ['enabled', flag],
    search: ['search', text],
  },
  alarms: {
    user: ['userId', text],
    rule: ['ruleId', text],
    opening: ['opening', text],
    kind: ['kind', one],
    severity: ['severity', several],
    status: ['status', several],
    acknowledged: ['acknowledged', flag],
    from: ['raisedFrom', text],
    before: ['raisedBefore', text],
  },
};

/**
 * @param {'alarms' | 'rules'} what
 * @param {Partial<Record<Option, string | undefined>>} values
 * @returns {Record<string, unknown>} the API's filter
 * @throws {UsageError}
 */
export function readFilter(what, values) {
  /** @type {Record<string, unknown>} */
  const filter = {};
  for (const option of /** @type {Option[]} */ (Object.keys(FILTER_OPTIONS))) {
    const given = values[option];
    if (given === undefined) continue;
    const field = FIELDS[what][option];
    if (!field) throw new UsageError(`--${option} is no filter of ${what}: see --help.`);
    const [name, read] = field;
    filter[name] = read(option, given);
  }
  return filter;
}
