import { describe, expect, it } from 'vitest';
import { explainOperation } from './explain-operation.js';
import { formatQueryPlan } from './planning/query-plan.js';
import { createNewsFederation } from './testing/news-federation.js';
import { createShopFederation } from './testing/shop-federation.js';
import { silentLogger } from './testing/test-executor.js';
import { createVaultFederation } from './testing/vault-federation.js';

const { supergraphSdl } = createShopFederation();
const explain = (query: string, variables: Record<string, unknown> = {}) =>
  explainOperation({ supergraphSdl, query, variables, logger: silentLogger });

describe('explainOperation', () => {
  it('returns the plan and the cost of an operation with its variables', async () => {
    const explanation = await explain(
      'query ($author: Boolean!) { book { reviews { id author @include(if: $author) { name } } } }',
      {
        author: false,
      },
    );
    if ('errors' in explanation) throw new AggregateError(explanation.errors);
    expect(formatQueryPlan(explanation.queryPlan)).toMatch(
      /Fetch\(service: "products"\)[^]*Fetch\(service: "reviews"\)/,
    );
    expect(formatQueryPlan(explanation.queryPlan)).not.toMatch(/\bname\b/);
    expect(explanation.cost).toBeGreaterThan(1);
  });

  it('plans what only some clients may access', async () => {
    const { supergraphSdl } = createVaultFederation();
    const explanation = await explainOperation({
      supergraphSdl,
      query: '{ me { email debt } }',
      logger: silentLogger,
    });
    if ('errors' in explanation) throw new AggregateError(explanation.errors);
    expect(formatQueryPlan(explanation.queryPlan)).toMatch(/\bemail\b[^]*\bdebt\b/);
  });

  it('plans a subscription as one of the subgraph that owns its field', async () => {
    const explanation = await explainOperation({
      supergraphSdl: createNewsFederation().supergraphSdl,
      query: 'subscription { latest { title stars } }',
      logger: silentLogger,
    });
    if ('errors' in explanation) throw new AggregateError(explanation.errors);
    expect(formatQueryPlan(explanation.queryPlan)).toMatch(
      /Fetch\(service: "news"\)[^]*latest[^]*title[^]*Fetch\(service: "reviews"\)[^]*stars/,
    );
  });

  it('returns the errors of an invalid operation', async () => {
    expect(await explain('{ nothing }')).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    expect(await explain('query ($a: Boolean!) { book { upc @skip(if: $a) } }')).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  it('throws if the supergraph is invalid', async () => {
    await expect(
      explainOperation({ supergraphSdl: 'type Query { a: Int }', query: '{ a }', logger: silentLogger }),
    ).rejects.toThrow();
  });
});
