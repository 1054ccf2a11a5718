import { connect } from 'node:net';

/** Where a server is reached. */
export interface PostgresHost {
  readonly host: string;
  readonly port: number;
}

/** The request for encryption by GSSAPI: a server answers it with one byte, before it knows the user, and writes no line to its log. */
const QUESTION = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30]);

/** A host that does not answer in so many ticks is silent. Ticks are counted, so that a suspended process does not blame the host. */
const TICK_MS = 500;
const MAX_TICKS = 6;

const UNREACHABLE_CODES: readonly unknown[] = ['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'];

/** Whether nothing comes back from the addresses of a host, not even a refusal. */
export function isUnreachableError(error: unknown): boolean {
  if (error instanceof AggregateError)
    return error.errors.length > 0 && error.errors.every(isUnreachableError);
  return UNREACHABLE_CODES.includes((error as { readonly code?: unknown }).code);
}

/**
 * Asks a server whether it is there, on a new connection without a login. A refusal is an answer, and so is an error of the name service.
 * @returns true: there was no answer for 3 s
 */
export const isHostSilent = (address: PostgresHost): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(address);
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
      if (ticks === MAX_TICKS) settle(true);
    }, TICK_MS);
    timer.unref();
    const settle = (isSilent: boolean) => {
      clearInterval(timer);
      socket.destroy();
      resolve(isSilent);
    };
    socket.unref();
    socket.once('connect', () => socket.write(QUESTION));
    socket.once('data', () => settle(false));
    socket.once('end', () => settle(false));
    socket.once('error', (error) => {
      // The way may be back in a moment: a connection that works must not be given up for that.
      if (!isUnreachableError(error)) settle(false);
    });
  });
