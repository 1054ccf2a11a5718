/** What a client says of itself in `connection_init`, by the names that HTTP has for it, or together under `headers`. */
export function authorizationIn(params: Readonly<Record<string, unknown>> | undefined): unknown {
  return find(params) ?? find(params?.['headers']);
}

function find(params: unknown): unknown {
  if (typeof params !== 'object' || params === null) return undefined;
  return Object.entries(params).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
}
