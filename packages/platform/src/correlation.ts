import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** Header of the id that names one request in the responses and logs of every process that handles it. */
export const CORRELATION_ID_HEADER = 'x-correlation-id';

const ACCEPTED_ID = /^[\w.-]{8,64}$/;
const storage = new AsyncLocalStorage<string>();

/** The correlation id of the current asynchronous context, if {@link runWithCorrelationId} set one. */
export const getCurrentCorrelationId = (): string | undefined => storage.getStore();

/** Copies the id into a flat string: `randomUUID` returns a rope of 15 pieces, which uses several times the memory. */
const createCorrelationId = () => Buffer.from(randomUUID(), 'latin1').toString('latin1');

/**
 * The caller's correlation id if it is safe to log (8 to 64 letters, digits, `_`, `.` or `-`). Otherwise a new id.
 * @param header the value of {@link CORRELATION_ID_HEADER}
 */
export const resolveCorrelationId = (header: unknown): string =>
  typeof header === 'string' && ACCEPTED_ID.test(header) ? header : createCorrelationId();

/** Runs `work` with the correlation id in its asynchronous context, so that log lines carry it. */
export const runWithCorrelationId = <T>(id: string, work: () => T): T => storage.run(id, work);
