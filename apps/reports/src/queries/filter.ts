import type { AlarmKind, AlarmStatus, Severity } from '@seguridad-abc/contracts';
import { checkInstant } from '@seguridad-abc/evaluation';
import type { InputFault } from '@seguridad-abc/platform';
import { foldText } from '../domain/search-text.js';
import type { AlarmColumn, AlarmFilter } from './alarm-reader.js';
import type { List } from './list-loader.js';
import type { RuleColumn, RuleFilter } from './rule-reader.js';

/** As a client gives it. Null is as good as absent. */
export interface RuleFilterArg {
  readonly userId?: string | null | undefined;
  readonly opening?: string | null | undefined;
  readonly enabled?: boolean | null | undefined;
  readonly search?: string | null | undefined;
}

/** Likewise. */
export interface AlarmFilterArg {
  readonly userId?: string | null | undefined;
  readonly ruleId?: string | null | undefined;
  readonly opening?: string | null | undefined;
  readonly kind?: AlarmKind | null | undefined;
  readonly severity?: readonly Severity[] | null | undefined;
  readonly status?: readonly AlarmStatus[] | null | undefined;
  readonly acknowledged?: boolean | null | undefined;
  readonly raisedFrom?: string | null | undefined;
  readonly raisedBefore?: string | null | undefined;
}

/** A filter as the read model takes it, and what is wrong with it. */
export interface ReadFilter<Column extends string, Filter> extends List<Column, Filter> {
  readonly faults: readonly InputFault[];
}

export function readRuleFilter(arg: RuleFilterArg): ReadFilter<RuleColumn, RuleFilter> {
  const { userId, opening, enabled, search } = arg;
  const part = foldText(search ?? '');
  return {
    of: { userId: userId ?? undefined, opening: openingName(opening) },
    filter: { enabled: enabled ?? undefined, search: part === '' ? undefined : part },
    faults: [],
  };
}

export function readAlarmFilter(arg: AlarmFilterArg): ReadFilter<AlarmColumn, AlarmFilter> {
  const { userId, ruleId, opening, kind, severity, status, acknowledged } = arg;
  const faults: InputFault[] = [];
  const instant = (name: 'raisedFrom' | 'raisedBefore') => {
    const text = arg[name] ?? undefined;
    const checked = text === undefined ? undefined : checkInstant(name, text);
    if (!checked) return undefined;
    if ('value' in checked) return checked.value;
    faults.push(...checked.faults.map((fault) => ({ ...fault, path: ['filter', ...fault.path] })));
    return undefined;
  };
  return {
    of: { userId: userId ?? undefined, ruleId: ruleId ?? undefined, opening: openingName(opening) },
    filter: {
      kind: kind ?? undefined,
      severity: severity ?? undefined,
      status: status ?? undefined,
      acknowledged: acknowledged ?? undefined,
      raisedFrom: instant('raisedFrom'),
      raisedBefore: instant('raisedBefore'),
    },
    faults,
  };
}

/** In the form in which names of openings are kept. */
const openingName = (raw: string | null | undefined): string | undefined => raw?.trim().normalize('NFC');
