import type { CreateRule } from '../domain/create-rule.js';

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
