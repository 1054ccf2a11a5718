import { OperationTypeNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { FetchNode, PlanNode } from './query-planner.js';
import { createQueryPlan, drawQueryPlan, formatQueryPlan } from './query-plan.js';

const createFetch = (serviceName: string, operation: string): FetchNode => ({
  kind: 'Fetch',
  serviceName,
  operationKind: OperationTypeNode.QUERY,
  operation,
  operationName: undefined,
  variableUsages: [],
  requires: undefined,
  inputRewrites: [],
  outputRewrites: [],
  contextRewrites: [],
});

const PRODUCTS = createFetch('products', '{ products { id } }');
const PRICES: FetchNode = {
  ...createFetch(
    'prices',
    'query($representations: [_Any!]!) { _entities(representations: $representations) { ... on Product { price } } }',
  ),
  requires: [
    { kind: 'InlineFragment', typeCondition: 'Product', selections: [{ kind: 'Field', name: 'id' }] },
  ],
};
const STOCK = createFetch('stock', '{ stock(in: "<a> & #b") { id } }');
const STAGES: readonly PlanNode[] = [
  {
    kind: 'Sequence',
    nodes: [
      PRODUCTS,
      { kind: 'Parallel', nodes: [{ kind: 'Flatten', path: ['products', '@'], node: PRICES }, STOCK] },
    ],
  },
];

describe('query plans', () => {
  it('have one root node: a sequence for several stages, none for no stage', () => {
    expect(createQueryPlan({ stages: [] })).toStrictEqual({ kind: 'QueryPlan' });
    expect(createQueryPlan({ stages: [PRODUCTS] })).toStrictEqual({ kind: 'QueryPlan', node: PRODUCTS });
    expect(createQueryPlan({ stages: [PRODUCTS, STOCK] })).toStrictEqual({
      kind: 'QueryPlan',
      node: { kind: 'Sequence', nodes: [PRODUCTS, STOCK] },
    });
  });

  it('are not copied, except for type conditions in paths', () => {
    expect(createQueryPlan({ stages: STAGES }).node).toBe(STAGES[0]);
    const path = ['products', '@', { types: ['Book'] }];
    const flatten: PlanNode = { kind: 'Flatten', path, node: PRICES };
    expect(createQueryPlan({ stages: [{ kind: 'Parallel', nodes: [STOCK, flatten] }] }).node).toEqual({
      kind: 'Parallel',
      nodes: [STOCK, { ...flatten, path: ['products', '@|[Book]'] }],
    });
  });

  it('are formatted as text', () => {
    expect(formatQueryPlan(createQueryPlan({ stages: STAGES }))).toMatchInlineSnapshot(`
      "QueryPlan {
        Sequence {
          Fetch(service: "products") {
            {
              products {
                id
              }
            }
          },
          Parallel {
            Flatten(path: "products.@") {
              Fetch(service: "prices") {
                {
                  ... on Product {
                    id
                  }
                } =>
                {
                  ... on Product {
                    price
                  }
                }
              },
            },
            Fetch(service: "stock") {
              {
                stock(in: "<a> & #b") {
                  id
                }
              }
            },
          },
        },
      }"
    `);
  });

  it('are drawn as a flowchart: fetches of a sequence after each other, parallel ones beside each other', () => {
    expect(drawQueryPlan(createQueryPlan({ stages: STAGES }))).toMatchInlineSnapshot(`
      "flowchart TD
        request([Request])
        response([Response])
        fetch1["products<br/>#123;<br/>  products #123;<br/>    id<br/>  #125;<br/>#125;"]
        request --> fetch1
        fetch2["prices<br/>for each products.@<br/>#123;<br/>  ... on Product #123;<br/>    price<br/>  #125;<br/>#125;"]
        fetch1 --> fetch2
        fetch3["stock<br/>#123;<br/>  stock(in: #34;#60;a#62; #38; #35;b#34;) #123;<br/>    id<br/>  #125;<br/>#125;"]
        fetch1 --> fetch3
        fetch2 --> response
        fetch3 --> response"
    `);
    expect(drawQueryPlan({ kind: 'QueryPlan' })).toBe(
      'flowchart TD\n  request([Request])\n  response([Response])\n  request --> response',
    );
  });

  it('are drawn with long selections cut, and with the kind of a mutation', () => {
    const fields = Array.from({ length: 20 }, (_, index) => `field${index}`);
    const long = drawQueryPlan(
      createQueryPlan({ stages: [createFetch('products', `{ ${fields.join(' ')} }`)] }),
    );
    expect(long).toContain('field10<br/>…"]'.replace('…', '#8230;'));
    const mutation = {
      ...createFetch('products', 'mutation { sell { id } }'),
      operationKind: OperationTypeNode.MUTATION,
    };
    expect(drawQueryPlan(createQueryPlan({ stages: [mutation] }))).toContain('["products: mutation<br/>');
  });

  it('show what is fetched for deferred fragments, and after which fetches', () => {
    const plan = createQueryPlan({
      stages: [{ ...PRODUCTS, id: '0' }],
      deferral: {
        fragments: [
          { label: 'late', parent: undefined },
          { label: undefined, parent: 0 },
        ],
        blocks: [
          { fragment: 0, dependsOn: ['0'], node: STOCK },
          { fragment: 1, dependsOn: [], node: undefined },
        ],
      },
    });
    expect(plan.node).toStrictEqual({
      kind: 'Defer',
      primary: { node: { ...PRODUCTS, id: '0' } },
      deferred: [
        { depends: [{ id: '0' }], label: 'late', queryPath: [], node: STOCK },
        { depends: [], queryPath: [] },
      ],
    });
    expect(formatQueryPlan(plan)).toContain('Deferred(depends: [0], path: "", label: "late")');
    const drawing = drawQueryPlan(plan);
    for (const line of [
      'fetch1 --> response',
      'part1([Deferred late])',
      'fetch1 --> fetch2',
      'fetch2 -.-> part1',
      'part2([Deferred])',
      'request -.-> part2',
    ])
      expect(drawing).toContain(`\n  ${line}`);
  });
});
