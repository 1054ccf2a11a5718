import type { GraphQLError } from 'graphql';
import { createCodedError } from '../shared/errors.js';

/** Why a subscription does not begin. */
export class Refusal extends Error {
  override name = 'Refusal';
  constructor(readonly errors: readonly GraphQLError[]) {
    super(errors.map(({ message }) => message).join(' '));
  }
}

// What ends a subscription, or refuses it; after each but the first its client may subscribe again.

export const tooMany = (max: number): GraphQLError =>
  createCodedError('TOO_MANY_SUBSCRIPTIONS', `This server runs no more than ${max} subscriptions at a time.`);

export const tooSlow = (): GraphQLError =>
  createCodedError('SUBSCRIBER_TOO_SLOW', 'Too much was left unread; subscribe again.');

export const expired = (): GraphQLError =>
  createCodedError('SUBSCRIPTION_EXPIRED', 'The subscription has run as long as one may; subscribe again.');

export const reloaded = (): GraphQLError =>
  createCodedError(
    'SUBSCRIPTION_SCHEMA_RELOAD',
    'The schema has changed; subscribe again with what fits it.',
  );

export const shuttingDown = (): GraphQLError =>
  createCodedError('SERVER_SHUTTING_DOWN', 'The server is shutting down; subscribe again in a moment.');
