interface ImportMetaEnv {
  /** Where the gateway's GraphQL endpoint is, if not under /graphql of the page's own server. */
  readonly VITE_GRAPHQL_URL?: string;
  /** Where a token is fetched from, with `?user=`, if not under /token of the page's own server. */
  readonly VITE_TOKEN_URL?: string;
}
