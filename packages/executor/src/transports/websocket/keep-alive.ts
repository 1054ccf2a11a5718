import { createExpiryTimer } from '../../shared/expiry-timer.js';
import type { Limits } from '../limits.js';
import type { Client } from './client.js';
import { closeWith } from './close.js';

/** Asks clients for signs of life, and lets go of those that give none or have nothing to do. */
export interface KeepAlive {
  add(client: Client): void;
  delete(client: Client): void;
}

export function createKeepAlive({ keepAliveMs, idleTimeoutMs }: Limits): KeepAlive {
  /** Those first that are to be asked first. */
  const clients = new Set<Client>();
  const clock = () => performance.now();

  const isIdle = ({ operations, idleSince }: Client) =>
    operations.size === 0 && clock() - idleSince > idleTimeoutMs;
  const timer = createExpiryTimer(clients, keepAliveMs, clock, (client) => {
    const { socket, isAlive } = client;
    clients.delete(client);
    add(client);
    if (!isAlive) socket.terminate();
    else if (isIdle(client)) closeWith(socket, 'idle');
    client.isAlive = false;
    socket.ping();
  });
  const add = (client: Client) => {
    client.since = clock();
    clients.add(client);
    timer.start();
  };

  return {
    add,
    delete(client) {
      clients.delete(client);
      if (clients.size === 0) timer.stop();
    },
  };
}
