/** Codes of errors that occur only while a connection is opened. Those of `connect` and of the resolver are recognized by their call. */
const CONNECT_ERROR_CODES: readonly unknown[] = ['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'];
const CONNECT_CALLS: readonly unknown[] = ['connect', 'getaddrinfo'];
/** Codes for an address from which nothing comes back, not even a refusal. */
const UNREACHABLE_CODES: readonly unknown[] = [
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
];

/**
 * Whether a connection could not be opened. No byte of its requests was sent then, so that also a mutation can be sent again. The
 * same code, such as `ETIMEDOUT`, can also end a connection that has carried a request.
 */
export function isConnectError(error: unknown): boolean {
  // All addresses of a host were tried.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isConnectError);
  const { code, syscall } = (error ?? {}) as { readonly code?: unknown; readonly syscall?: unknown };
  return CONNECT_ERROR_CODES.includes(code) || CONNECT_CALLS.includes(syscall);
}

/** Whether nothing comes back from the addresses of a host: the host or the network is away, not only the process. */
export function isUnreachableError(error: unknown): boolean {
  if (error instanceof AggregateError)
    return error.errors.length > 0 && error.errors.every(isUnreachableError);
  return UNREACHABLE_CODES.includes((error as { readonly code?: unknown } | undefined)?.code);
}
