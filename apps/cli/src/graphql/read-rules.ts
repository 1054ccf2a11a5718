import { MAX_PAGE_SIZE } from '@seguridad-abc/contracts';
import { RulesOfUserDocument, type RuleColumnsFragment, type RuleFilter } from './generated.js';
import { getResponseData, type GraphQLClient } from './graphql-client.js';

export interface ReadRulesOptions {
  readonly filter?: RuleFilter;
  readonly consistencyToken?: string | undefined;
}

/**
 * Reads all rules of a user, page by page.
 * @returns no rules if the user is unknown
 * @throws GraphQLRequestError
 */
export async function readRulesOfUser(
  client: GraphQLClient,
  userId: string,
  { filter = {}, consistencyToken }: ReadRulesOptions = {},
): Promise<readonly RuleColumnsFragment[]> {
  const rules: RuleColumnsFragment[] = [];
  let after: string | null = null;
  do {
    const variables: { userId: string; filter: RuleFilter; first: number; after: string | null } = {
      userId,
      filter,
      first: MAX_PAGE_SIZE,
      after,
    };
    const response = await client.execute(RulesOfUserDocument, variables, consistencyToken);
    const page = getResponseData(response, 'The rules cannot be read').user?.rules;
    rules.push(...(page?.nodes ?? []));
    after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return rules;
}
