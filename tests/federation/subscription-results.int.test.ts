import type { Client, FormattedExecutionResult } from 'graphql-ws';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startFederation, type Federation } from './start-federation.js';

let federation: Federation;
let client: Client;
beforeAll(async () => {
  federation = await startFederation();
  client = federation.createClient();
});
afterAll(() => federation.close());
beforeEach(() => {
  federation.shop.requests.length = 0;
});

const EVENT = {
  id: '1',
  number: 42,
  status: 'SENT',
  buyer: { id: 'ana' },
  parcel: { __typename: 'Box', id: 'b', weight: 5, fragile: true },
  cause: { __typename: 'Delay', minutes: 3 },
};

/** Publishes one event and returns its result. */
async function publishAndReceive(
  query: string,
  { event = EVENT, variables = {} }: { event?: object; variables?: Record<string, unknown> } = {},
): Promise<FormattedExecutionResult> {
  const answers = client.iterate({ query, variables });
  const first = answers.next();
  await federation.waitForListeners(1);
  await federation.publish(event);
  const { value } = (await first) as { value: FormattedExecutionResult };
  await answers.return?.();
  await federation.waitForListeners(0);
  return value;
}
const receive = (selection: string, options?: Parameters<typeof publishAndReceive>[1]) =>
  publishAndReceive(`subscription { orderChanged { ${selection} } }`, options);
const getRequestedServices = () => federation.shop.requests.map(({ service }) => service).sort();

describe('a result that needs three subgraphs', () => {
  test('supports fragments, aliases, variables and conditions', async () => {
    const query = `
      subscription Watch($language: String, $first: Int!, $yes: Boolean!, $no: Boolean!) {
        changed: orderChanged(id: "1") {
          ...Known
          shelves(first: $first) @include(if: $yes)
          hidden: number @include(if: $no)
          place @skip(if: $no)
          buyer { name ... on Person { greeting(language: $language) } }
        }
      }
      fragment Known on Order { __typename no: number state: status }`;
    const variables = { language: 'es', first: 2, yes: true, no: false };
    expect(await publishAndReceive(query, { variables })).toStrictEqual({
      data: {
        changed: {
          __typename: 'Order',
          no: 42,
          state: 'SENT',
          shelves: ['a', 'b'],
          place: 'on its way',
          buyer: { name: "ana's name", greeting: 'Hola, ana' },
        },
      },
    });
    // The fetches of fields under different conditions share a request.
    expect(getRequestedServices()).toStrictEqual(['people', 'stock']);
  });

  test('supports two aliases of one field with different arguments', async () => {
    expect(
      await receive('number eur: total cop: total(currency: "COP") one: shelves two: shelves(first: 2)'),
    ).toStrictEqual({
      data: { orderChanged: { number: 42, eur: '7 EUR', cop: '7 COP', one: ['a'], two: ['a', 'b'] } },
    });
    expect(getRequestedServices()).toStrictEqual(['orders', 'stock']);
  });

  test('resolves an interface and a union to the type in the event', async () => {
    const selection = `parcel { weight __typename ... on Box { fragile spare } ... on Tube { length } }
      cause { ... on Delay { minutes } ... on Damage { what } }`;
    expect(await receive(selection)).toStrictEqual({
      data: {
        orderChanged: {
          parcel: { weight: 5, __typename: 'Box', fragile: true, spare: 2 },
          cause: { minutes: 3 },
        },
      },
    });
    const event = {
      ...EVENT,
      parcel: { __typename: 'Tube', id: 't', weight: 1, length: 90 },
      cause: { __typename: 'Damage', what: 'wet' },
    };
    expect(await receive(selection, { event })).toStrictEqual({
      data: {
        orderChanged: { parcel: { weight: 1, __typename: 'Tube', length: 90 }, cause: { what: 'wet' } },
      },
    });
  });

  test('resolves a field that requires a field of the event', async () => {
    expect(await receive('place')).toStrictEqual({ data: { orderChanged: { place: 'on its way' } } });
    expect(getRequestedServices()).toStrictEqual(['stock']);
  });

  test('sends one correlation id to every subgraph', async () => {
    await receive('total place buyer { name }');
    const ids = federation.shop.requests.map(({ headers }) => headers['x-correlation-id']);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('an error', () => {
  test('of another subgraph keeps its message, path, code and extensions', async () => {
    expect(await receive('number weighed: broken')).toStrictEqual({
      data: { orderChanged: { number: 42, weighed: null } },
      errors: [
        {
          message: 'The scales are broken.',
          path: ['orderChanged', 'weighed'],
          extensions: { code: 'SCALES', tries: 3, serviceName: 'stock' },
        },
      ],
    });
  });

  test('of a null in a non-null field nulls the parent and has the path of the field', async () => {
    const { data, errors } = await receive('number counted');
    expect(data).toStrictEqual({ orderChanged: null });
    expect(errors).toMatchObject([
      { path: ['orderChanged', 'counted'], extensions: { serviceName: 'stock' } },
    ]);
  });

  test('of one event does not end the subscription', async () => {
    const answers = client.iterate({ query: 'subscription { orderChanged { number } }' });
    const first = answers.next();
    await federation.waitForListeners(1);
    await federation.publish({ ...EVENT, number: null });
    await federation.publish({ ...EVENT, number: 'many' });
    await federation.publish({ ...EVENT, number: 43 });
    expect((await first).value).toMatchObject({
      data: { orderChanged: null },
      errors: [
        {
          message: 'Cannot return null for non-nullable field Order.number.',
          path: ['orderChanged', 'number'],
          extensions: { serviceName: 'orders' },
        },
      ],
    });
    expect((await answers.next()).value).toMatchObject({ errors: [{ path: ['orderChanged', 'number'] }] });
    expect((await answers.next()).value).toStrictEqual({ data: { orderChanged: { number: 43 } } });
    await answers.return?.();
  });

  test('of an unreachable subgraph nulls only its own fields and does not show its URL', async () => {
    const own = await startFederation();
    try {
      const answers = own
        .createClient()
        .iterate({ query: 'subscription { orderChanged { number place buyer { name } } }' });
      const first = answers.next();
      await own.waitForListeners(1);
      await own.shop.stop('people');
      await own.publish(EVENT);
      const { value } = (await first) as { value: FormattedExecutionResult };
      expect(value).toStrictEqual({
        data: { orderChanged: { number: 42, place: 'on its way', buyer: { name: null } } },
        errors: [
          {
            message: 'The subgraph "people" cannot be reached. Retry later.',
            path: ['orderChanged', 'buyer'],
            extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'people' },
          },
        ],
      });
    } finally {
      await own.close();
    }
  });
});
