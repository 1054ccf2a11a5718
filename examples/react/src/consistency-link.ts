import { ApolloLink } from '@apollo/client';
import { map } from 'rxjs';

/** Lets every operation see what the commands before it did. To be put before the links that send. */
export function consistencyLink(): ApolloLink {
  let token = '';
  return new ApolloLink((operation, forward) => {
    if (token !== '') {
      operation.extensions['consistencyToken'] = token;
      operation.setContext({ http: { includeExtensions: true } });
    }
    return forward(operation).pipe(
      map((result) => {
        const written: unknown = result.extensions?.['consistencyToken'];
        // The greater text is the later state: answers may overtake one another.
        if (typeof written === 'string' && written > token) token = written;
        return result;
      }),
    );
  });
}
