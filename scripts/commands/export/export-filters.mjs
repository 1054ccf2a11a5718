import { UsageError } from '../../shared/errors.mjs';

/** The options for both lists. Each one sets a field of the API's filter. */
export const EXPORT_FILTER_OPTIONS = /** @type {const} */ ({
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

/** @typedef {keyof typeof EXPORT_FILTER_OPTIONS} FilterOption */
/** @typedef {'alarms' | 'rules'} ListName */
/** @typedef {(option: string, text: string) => unknown} ParseValue */

/** @type {ParseValue} */
const parseText = (_option, text) => text;
/** @type {ParseValue} */
const parseEnumValue = (_option, text) => text.trim().toUpperCase();
/** @type {ParseValue} */
const parseEnumValues = (_option, text) => text.split(',').map((value) => value.trim().toUpperCase());
/** @type {ParseValue} */
const parseBoolean = (option, text) => {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new UsageError(`--${option} must be true or false (it is "${text}").`);
};

/**
 * The field of the API's filter that an option sets, and how its value is parsed.
 *
 * @type {Readonly<Record<ListName, Partial<Record<FilterOption, readonly [field: string, parse: ParseValue]>>>>}
 */
const FILTER_FIELDS = {
  rules: {
    user: ['userId', parseText],
    opening: ['opening', parseText],
    enabled: ['enabled', parseBoolean],
    search: ['search', parseText],
  },
  alarms: {
    user: ['userId', parseText],
    rule: ['ruleId', parseText],
    opening: ['opening', parseText],
    kind: ['kind', parseEnumValue],
    severity: ['severity', parseEnumValues],
    status: ['status', parseEnumValues],
    acknowledged: ['acknowledged', parseBoolean],
    from: ['raisedFrom', parseText],
    before: ['raisedBefore', parseText],
  },
};

/**
 * @param {ListName} list
 * @param {Partial<Record<FilterOption, string | undefined>>} values of the options
 * @returns {Record<string, unknown>} a `RuleFilter` or `AlarmFilter` of the API
 * @throws {UsageError}
 */
export function createListFilter(list, values) {
  /** @type {Record<string, unknown>} */
  const filter = {};
  for (const option of /** @type {FilterOption[]} */ (Object.keys(EXPORT_FILTER_OPTIONS))) {
    const text = values[option];
    if (text === undefined) continue;
    const definition = FILTER_FIELDS[list][option];
    if (!definition) throw new UsageError(`--${option} does not apply to ${list}. See --help.`);
    const [field, parse] = definition;
    filter[field] = parse(option, text);
  }
  return filter;
}
