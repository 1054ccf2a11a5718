import { type ServiceHealth, formatInstant } from '@seguridad-abc/contracts';
import type { Context } from './context.js';
import type { Resolvers } from './generated.js';

const findService = ({ services }: Context, name: string): ServiceHealth | null =>
  services.find((service) => service.name === name) ?? null;

/** The gateway serves `Subscription.heartbeat` from the health reports, so it has no resolver here. */
export const resolvers: Resolvers = {
  Query: {
    services: (_, _args, { services }) => [...services],
    service: (_, { name }, context) => findService(context, name),
  },
  ServiceHealth: {
    __resolveReference: ({ name }, context) => findService(context, name),
    uptime: ({ name }, { window }, { history }) => history.getUptime(name, window),
    transitions: ({ name }, { first }, { history }) => history.getTransitions(name, first),
  },
  HealthTransition: {
    at: ({ at }) => formatInstant(at),
  },
};
