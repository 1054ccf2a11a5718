import { ApolloLink } from '@apollo/client';
import { map } from 'rxjs';

/** Makes every operation see the effects of earlier mutations. Put it before the links that send requests. */
export function createConsistencyLink(): ApolloLink {
  let latestToken = '';
  return new ApolloLink((operation, forward) => {
    if (latestToken !== '') {
      operation.extensions['consistencyToken'] = latestToken;
      operation.setContext({ http: { includeExtensions: true } });
    }
    return forward(operation).pipe(
      map((result) => {
        const token: unknown = result.extensions?.['consistencyToken'];
        // Responses may arrive out of order. Tokens sort as text, and the greatest one is the latest.
        if (typeof token === 'string' && token > latestToken) latestToken = token;
        return result;
      }),
    );
  });
}
