import { ApolloLink, gql, InMemoryCache, ApolloClient } from '@apollo/client';
import { Observable, Subject } from 'rxjs';
import { expect, test } from 'vitest';
import { createConsistencyLink } from './consistency-link';
import { createResumeLink } from './resume-link';

type Sent = Pick<ApolloLink.Operation, 'variables' | 'extensions'>;

/** A client whose operations reach a list of what was sent, and get the answers of a function. */
function createClient(
  link: ApolloLink,
  answer: (operation: ApolloLink.Operation) => Observable<ApolloLink.Result>,
) {
  const sent: Sent[] = [];
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      link,
      new ApolloLink((operation) => {
        sent.push({ variables: { ...operation.variables }, extensions: { ...operation.extensions } });
        return answer(operation);
      }),
    ]),
  });
  return { client, sent };
}

const QUERY = gql`
  query Example {
    example
  }
`;

test('an operation sends the consistency tokens of earlier mutations', async () => {
  const tokens = ['first', 'second', undefined];
  const { client, sent } = createClient(
    createConsistencyLink(),
    () =>
      new Observable((sink) => {
        const token = tokens.shift();
        sink.next({
          data: { example: 1 },
          ...(token !== undefined && { extensions: { consistencyToken: token } }),
        });
        sink.complete();
      }),
  );
  for (let run = 0; run < 3; run++) await client.query({ query: QUERY, fetchPolicy: 'no-cache' });
  expect(sent.map(({ extensions }) => extensions['consistencyToken'] as unknown)).toStrictEqual([
    undefined,
    ['first'],
    // The second answer covers the token of its request.
    ['second'],
  ]);
});

const SUBSCRIPTION = gql`
  subscription Example($after: String) {
    example(after: $after)
  }
`;

test('a subscription asks for a cursor, hides the payload that only has it, and keeps the last one', () => {
  const payloads = new Subject<ApolloLink.Result>();
  let variables: Record<string, unknown> = {};
  const { client, sent } = createClient(createResumeLink(), (operation) => {
    variables = operation.variables;
    return payloads;
  });
  const received: unknown[] = [];
  client.subscribe({ query: SUBSCRIPTION }).subscribe(({ data }) => received.push(data));
  expect(sent[0]?.variables).toStrictEqual({ after: '' });
  payloads.next({ data: null, extensions: { cursor: 'start' } });
  payloads.next({ data: { example: 1 }, extensions: { cursor: 'one' } });
  expect(received).toStrictEqual([{ example: 1 }]);
  // The transport sends the same variables again after a reconnection.
  expect(variables).toStrictEqual({ after: 'one' });
});
