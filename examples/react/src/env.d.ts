interface ImportMetaEnv {
  /** URL of the gateway's GraphQL endpoint. @default /graphql on the page's own server */
  readonly VITE_GRAPHQL_URL?: string;
  /** URL that returns a token for `?user=`. @default /token on the page's own server */
  readonly VITE_TOKEN_URL?: string;
}
