import { foldText } from '../domain/search-text.js';
import type { ProjectedRule } from '../domain/things.js';
import type { rules } from './schema.js';

export type RuleRow = typeof rules.$inferSelect;

export const toRuleRow = ({ state, createdPosition }: ProjectedRule): RuleRow => ({
  ...state,
  createdPosition,
  searchName: foldText(state.name),
});

export const fromRuleRow = (row: RuleRow): ProjectedRule => ({
  state: {
    id: row.id,
    userId: row.userId,
    name: row.name,
    opening: row.opening,
    opensAt: row.opensAt,
    closesAt: row.closesAt,
    days: row.days,
    timeZone: row.timeZone,
    maxOpenSeconds: row.maxOpenSeconds,
    severity: row.severity,
    enabled: row.enabled,
    effectiveFrom: row.effectiveFrom,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    deletedAt: row.deletedAt,
    version: row.version,
  },
  createdPosition: row.createdPosition,
});
