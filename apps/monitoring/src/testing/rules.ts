import type { Actor } from '@seguridad-abc/contracts';
import type { CreateRule } from '../domain/create-rule.js';

/** May act for every user. */
export const OPERATOR: Actor = { id: 'olga', role: 'operator' };

/** A rule that is as it should be. */
export const validRule = (input: Partial<CreateRule> = {}): CreateRule => ({
  userId: 'ana',
  name: 'Shop door',
  opening: 'Shop',
  maxOpenSeconds: 60,
  timeZone: 'America/Bogota',
  severity: 'WARNING',
  enabled: true,
  ...input,
});
