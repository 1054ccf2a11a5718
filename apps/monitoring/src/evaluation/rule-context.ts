import type { RuleState } from '@seguridad-abc/contracts';
import {
  createExceptionPeriods,
  type EvaluatedException,
  type EvaluatedVersions,
  type RuleVersion,
} from '@seguridad-abc/evaluation';
import type { EvaluatedRule } from '../domain/interval-evaluation.js';
import type { OpeningRecord } from '../readings/opening-tables.js';
import type { RuleTableAccess } from '../rules/rule-repository.js';

/** The rules of an opening, as far as one call needs them. What it loads, it loads once. */
export interface RuleContext {
  readonly versionsByRule: ReadonlyMap<string, readonly RuleVersion[]>;
  getRule(ruleId: string): Promise<EvaluatedRule>;
  /** The present state of a rule. */
  getState(ruleId: string): Promise<RuleState>;
  /** The beginning of a rule's first version. */
  getBeginning(ruleId: string): Promise<number>;
}

export interface RuleContextOptions {
  readonly rules: Pick<RuleTableAccess['rules'], 'findById'>;
  /** The exceptions of an opening that end after an instant. */
  readonly findExceptions: (
    userId: string,
    opening: string,
    from: number,
  ) => Promise<readonly EvaluatedException[]>;
}

/** @param from exceptions that end before this instant are not loaded */
export function createRuleContext(
  { rules, findExceptions }: RuleContextOptions,
  opening: OpeningRecord,
  versionsByRule: ReadonlyMap<string, readonly RuleVersion[]>,
  from: number,
): RuleContext {
  let exceptions: Promise<EvaluatedVersions['exceptions']> | undefined;
  const getExceptions = () =>
    (exceptions ??= findExceptions(opening.userId, opening.name, from).then(createExceptionPeriods));
  const evaluatedRules = new Map<string, EvaluatedRule>();
  const states = new Map<string, Promise<RuleState>>();
  const getState = (id: string): Promise<RuleState> => {
    const state = states.get(id) ?? findStoredRule(rules, id);
    states.set(id, state);
    return state;
  };
  return {
    versionsByRule,
    async getRule(id) {
      let rule = evaluatedRules.get(id);
      if (!rule) {
        rule = {
          id,
          userId: opening.userId,
          opening: opening.name,
          openingId: opening.id,
          evaluated: { versions: versionsByRule.get(id) ?? [], exceptions: await getExceptions() },
        };
        evaluatedRules.set(id, rule);
      }
      return rule;
    },
    getState,
    getBeginning: async (id) => Date.parse((await getState(id)).effectiveFrom),
  };
}

/** @throws Error if the rule is not stored, although something of it is */
export async function findStoredRule(rules: RuleContextOptions['rules'], id: string): Promise<RuleState> {
  const rule = await rules.findById(id);
  if (!rule) throw new Error(`The rule ${id} has versions or alarms, but is not stored.`);
  return rule;
}
