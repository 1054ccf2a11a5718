import { getRootFieldNames, type TransportHooks } from '@seguridad-abc/executor';
import type { GatewaySession } from '../requests/authentication.js';
import type { ClientAddressResolver } from '../requests/client-address.js';
import type { RequestContext } from '../requests/transport-hooks.js';
import { SIGN_IN_ACTION, type RefusalRecorder } from './refusal-recorder.js';

/** What a client wanted whose operation was refused before it was read. */
const UNKNOWN_OPERATION_ACTION = 'operation';

/**
 * Wraps the hooks of the transports so that refused requests and failed sign-ins are recorded. All transports report the errors
 * that prevent an operation from starting to the hook `formatError`, so this is the only place.
 */
export function auditTransportHooks(
  hooks: TransportHooks<RequestContext, GatewaySession>,
  refusals: Pick<RefusalRecorder, 'record'>,
  resolveClientAddress: ClientAddressResolver,
): TransportHooks<RequestContext, GatewaySession> {
  /** The root fields of refused operations, by what the hooks that authorize have thrown. */
  const actions = new WeakMap<object, string>();
  const rememberAction = (error: unknown, rootFieldNames: readonly string[]) => {
    if (typeof error === 'object' && error !== null) actions.set(error, rootFieldNames.join(' '));
  };
  return {
    ...hooks,
    authorizeRootFields(session, rootFieldNames) {
      try {
        hooks.authorizeRootFields?.(session, rootFieldNames);
      } catch (error) {
        rememberAction(error, rootFieldNames);
        throw error;
      }
    },
    authorize(request) {
      try {
        hooks.authorize?.(request);
      } catch (error) {
        const { document, operation } = request.operation;
        rememberAction(error, getRootFieldNames(document, operation));
        throw error;
      }
    },
    formatError(error, client) {
      const session = client.session as GatewaySession | undefined;
      const fallback = session ? UNKNOWN_OPERATION_ACTION : SIGN_IN_ACTION;
      refusals.record(error, actions.get(error.originalError ?? error) ?? fallback, {
        caller: session?.credentials.caller,
        address: session?.clientAddress ?? resolveClientAddress(client),
      });
      return hooks.formatError?.(error, client) ?? error.toJSON();
    },
  };
}
