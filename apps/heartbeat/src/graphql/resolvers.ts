import type { ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import { toInstant } from '../domain/moment.js';
import type { Context } from './context.js';
import type { Resolvers } from './generated.js';

const named = ({ services }: Context, name: string): ServiceHealthSnapshot | null =>
  services.find((service) => service.name === name) ?? null;

/** `Subscription.heartbeat` is served by the gateway, from the reports on the health channel. */
export const resolvers: Resolvers = {
  Query: {
    services: (_, _args, { services }) => [...services],
    service: (_, { name }, context) => named(context, name),
  },
  ServiceHealth: {
    __resolveReference: ({ name }, context) => named(context, name),
    uptime: ({ name }, { window }, { history }) => history.uptime(name, window),
    transitions: ({ name }, { first }, { history }) => history.transitions(name, first),
  },
  HealthTransition: {
    at: ({ at }) => toInstant(at),
  },
};
