import { expect, test } from 'vitest';
import { createTestExecutor, executeTestRequest } from '../testing/test-executor.js';
import { createTestFederation } from '../testing/test-federation.js';

interface PricedGood {
  readonly name: string;
  readonly size?: { readonly width: number };
}

const GOODS = [{ id: '1' }, { id: '2' }];
const federation = createTestFederation({
  goods: {
    typeDefs: `
      type Query { good: Good }
      type Good @key(fields: "id") { id: ID! name: String size: Size colour: String }
      type Size { width: Int height: Int }
    `,
    resolvers: {
      Query: { good: () => GOODS[0] },
      Good: {
        name: ({ id }: { id: string }) => `Good ${id}`,
        size: ({ id }: { id: string }) => ({ width: Number(id) * 10, height: 1 }),
        colour: () => 'RED',
      },
    },
  },
  prices: {
    typeDefs: `
      type Query { cheapest: Good priced: [Priced] }
      interface Priced { label(unit: Unit = KG): String price: Price }
      enum Unit { KG LB }
      type Good implements Priced @key(fields: "id") {
        id: ID! name: String @external size: Size @external colour: String @external stock: Int
        label(unit: Unit = KG): String @requires(fields: "name")
        price: Price @requires(fields: "size { width }")
        paint: String @requires(fields: "colour")
      }
      type Size { width: Int @external }
      type Price { amount: Int unit: Unit seller: Seller }
      type Seller @key(fields: "id") { id: ID! mail: String }
    `,
    resolvers: {
      Query: {
        cheapest: () => GOODS[1],
        priced: () => GOODS.map((good) => ({ ...good, __typename: 'Good' })),
      },
      Good: {
        stock: () => 5,
        label: ({ name }: PricedGood, { unit }: { unit: string }) => `${name} in ${unit}`,
        price: ({ size }: PricedGood) => ({
          amount: size && size.width + 1,
          unit: 'LB',
          seller: { id: 's' },
        }),
        paint: ({ colour }: { colour: string }) => `${colour} paint`,
      },
      Seller: { mail: () => 's@test' },
    },
  },
  taxes: {
    typeDefs: `
      type Good @key(fields: "id") {
        id: ID! label(unit: Unit = KG): String @external price: Price @external
        tag: String @requires(fields: "label")
        tax: Int @requires(fields: "price { amount }")
      }
      enum Unit { KG LB }
      type Price { amount: Int @external }
    `,
    resolvers: {
      Good: {
        tag: ({ label }: { label: string }) => `<${label}>`,
        tax: ({ price }: { price: { amount: number } }) => price.amount * 100,
      },
    },
  },
});
const execute = async (query: string) => {
  federation.requests.length = 0;
  const response = await executeTestRequest(createTestExecutor(federation), query);
  return { ...response, services: federation.requests.map(({ service }) => service) };
};

test.each([
  [
    'a field of the subgraph that has the entity',
    '{ cheapest { tag } }',
    { cheapest: { tag: '<Good 2 in KG>' } },
  ],
  ['an object', '{ cheapest { tax } }', { cheapest: { tax: 2100 } }],
  [
    'a field of an entity from a third subgraph',
    '{ good { tag tax } }',
    { good: { tag: '<Good 1 in KG>', tax: 1100 } },
  ],
  [
    'a field of objects of an interface',
    '{ priced { ... on Good { tag } } }',
    { priced: [{ tag: '<Good 1 in KG>' }, { tag: '<Good 2 in KG>' }] },
  ],
  [
    'a field that the client selects too, with other arguments',
    '{ cheapest { label(unit: LB) tag stock } }',
    { cheapest: { label: 'Good 2 in LB', tag: '<Good 2 in KG>', stock: 5 } },
  ],
  [
    'an object of which the client selects more',
    '{ cheapest { tax price { amount unit seller { id mail } } paint } }',
    {
      cheapest: {
        tax: 2100,
        price: { amount: 21, unit: 'LB', seller: { id: 's', mail: 's@test' } },
        paint: 'RED paint',
      },
    },
  ],
])('%s is required after what it requires', async (_, query, data) => {
  expect(await execute(query)).toMatchObject({ data });
});

test('subgraphs are asked under their real names, once for each step', async () => {
  const { services } = await execute('{ cheapest { tax } }');
  expect(services).toEqual(['prices', 'goods', 'prices', 'taxes']);
});

test('a field can be required in its own subgraph, below an object of another one', async () => {
  const chained = createTestFederation({
    boxes: {
      typeDefs: 'type Query { box: Box } type Box @key(fields: "id") { id: ID! }',
      resolvers: { Query: { box: () => ({ id: 'b' }) } },
    },
    lids: {
      typeDefs:
        'type Box @key(fields: "id") { id: ID! lid: Lid } type Lid @key(fields: "id") { id: ID! width: Int }',
      resolvers: {
        Box: { __resolveReference: ({ id }: { id: string }) => ({ id, lid: { id: 'l', width: 4 } }) },
      },
    },
    areas: {
      typeDefs: `
        type Box @key(fields: "id") { id: ID! lid: Lid @external volume: Int @requires(fields: "lid { area }") }
        type Lid @key(fields: "id") { id: ID! width: Int @external area: Int @requires(fields: "width") }
      `,
      resolvers: {
        Box: {
          __resolveReference: (box: object) => box,
          volume: ({ lid }: { lid: { area: number } }) => lid.area * 2,
        },
        Lid: {
          __resolveReference: (lid: object) => lid,
          area: ({ width }: { width: number }) => width * width,
        },
      },
    },
  });
  const { data } = await executeTestRequest(createTestExecutor(chained), '{ box { volume } }');
  expect(data).toEqual({ box: { volume: 32 } });
});
