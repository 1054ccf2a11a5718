import { formatConsistencyToken, type ConsistencyToken } from '@seguridad-abc/contracts';
import { OperationTypeNode } from 'graphql';

/** Where the log ends. */
interface Log {
  end(): Promise<Omit<ConsistencyToken, 'at'>>;
}

/** With each command's answer, the state that a reader must have reached to see what it did. */
export const commandExtensions =
  (log: Log, now: () => string) => async (_context: object, operation: OperationTypeNode) => {
    if (operation !== OperationTypeNode.MUTATION) return undefined;
    // Its own entry or, where others have written meanwhile, a later one.
    const token = { ...(await log.end()), at: Date.parse(now()) };
    return { consistencyToken: formatConsistencyToken(token) };
  };
