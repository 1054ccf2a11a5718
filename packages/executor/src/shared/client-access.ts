/*
 * The part of a client's request that authorization directives use: `@authenticated`, `@requiresScopes` and `@policy`
 * (https://www.apollographql.com/docs/graphos/routing/security/authorization).
 */

/** What a client may access, as its verified credentials say. */
export interface ClientAccess {
  readonly isAuthenticated: boolean;
  /** The granted scopes: the parts of the claim `scope` (https://www.rfc-editor.org/rfc/rfc6749#section-3.3). @default none */
  readonly scopes?: ReadonlySet<string> | undefined;
  /** The policies that the client is known to satisfy. `evaluatePolicies` is asked about others. @default none */
  readonly policies?: ReadonlySet<string> | undefined;
  /** What else `evaluatePolicies` needs to know about the client, such as the claims of its token. */
  readonly details?: unknown;
}

/** Options of an executor for supergraphs with authorization directives. Without such directives they have no effect. */
export interface AuthorizationOptions {
  /**
   * Decides which policies of an operation its client satisfies. Called for each request whose operation selects fields with
   * `@policy`, with those policies that `ClientAccess.policies` does not have. If it throws, the request is rejected with that error.
   * @returns the satisfied ones
   * @default none is satisfied
   */
  readonly evaluatePolicies?: (
    policies: readonly string[],
    access: ClientAccess | undefined,
  ) => Iterable<string> | Promise<Iterable<string>>;
  /**
   * What happens to an operation that selects something that its client may not access.
   * - `filter`: it is executed without these fields, which are null.
   * - `reject`: it is not executed.
   * @default 'filter'
   */
  readonly unauthorizedOperations?: 'filter' | 'reject';
  /**
   * Where clients find the errors of fields that they may not access: in `errors`, in `extensions.authorizationErrors`, or nowhere.
   * @default 'errors'
   */
  readonly errorLocation?: 'errors' | 'extensions' | 'disabled';
  /** Whether the paths of such fields are logged, once for each request. @default true */
  readonly logErrors?: boolean;
  /** Operations are executed unchanged, and the errors are added to their responses. @default false */
  readonly dryRun?: boolean;
}

/** Maximum number of errors about fields that a client may not access, in one response. Further ones are null without an error. */
export const MAX_UNAUTHORIZED_ERRORS = 1_000;
