import { InMemoryCache } from '@apollo/client';

/** Creates the cache of all screens. Entities have an `id`; the other types are listed here. */
export const createConsoleCache = (): InMemoryCache =>
  new InMemoryCache({
    typePolicies: {
      ServiceHealth: { keyFields: ['name'] },
      // An opening is known by its name and its user, which it does not contain.
      Opening: { keyFields: false },
    },
  });
