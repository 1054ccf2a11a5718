import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** Names one request in the answers and logs of every process that it passes through. */
export const CORRELATION_HEADER = 'x-correlation-id';

const ACCEPTED = /^[\w.-]{8,64}$/;
const storage = new AsyncLocalStorage<string>();

export const currentCorrelationId = (): string | undefined => storage.getStore();

/** Written out: Node's is a chain of 15 pieces until somebody reads it, and who keeps it keeps those. */
const newId = () => Buffer.from(randomUUID(), 'latin1').toString('latin1');

/** The caller's id where it is one that can be logged safely, else a new one. */
export const readCorrelationId = (header: unknown): string =>
  typeof header === 'string' && ACCEPTED.test(header) ? header : newId();

export const runWithCorrelationId = <T>(id: string, work: () => T): T => storage.run(id, work);
