import { ApolloLink } from '@apollo/client';
import { map } from 'rxjs';

/** The gateway accepts this many tokens in one request. */
const MAX_TOKENS = 16;

/** Makes every operation see the effects of earlier mutations (docs/clients.md). Put it before the links that send requests. */
export function createConsistencyLink(): ApolloLink {
  /** Tokens that no other token covers, in the order of their arrival. There are several after concurrent mutations. */
  let tokens: readonly string[] = [];
  return new ApolloLink((operation, forward) => {
    const sentTokens = tokens;
    if (sentTokens.length > 0) {
      operation.extensions['consistencyToken'] = sentTokens;
      operation.setContext({ http: { includeExtensions: true } });
    }
    return forward(operation).pipe(
      map((result) => {
        const token: unknown = result.extensions?.['consistencyToken'];
        // The token of a response covers those of its request.
        if (typeof token === 'string')
          tokens = [...tokens.filter((each) => !sentTokens.includes(each)), token].slice(-MAX_TOKENS);
        return result;
      }),
    );
  });
}
