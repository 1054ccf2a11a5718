import { useQuery, useSubscription } from '@apollo/client/react';
import { RuleChangedDocument, RulesDocument } from './generated';
import { describeRule } from './rule-description';

/** Shows a user's rules, newest first, and every change of them. */
export function RuleList({ userId }: { readonly userId: string }) {
  const { data, error, loading, refetch, fetchMore } = useQuery(RulesDocument, { variables: { userId } });
  // Includes changes from other clients. A change event arrives after queries can see the change.
  useSubscription(RuleChangedDocument, {
    variables: { userId },
    onData({ data: { data: change } }) {
      // The event has all fields of the rule, so the cache has changed a listed rule already.
      if (change?.ruleChanged.kind !== 'UPDATED') void refetch();
    },
  });
  const { edges = [], pageInfo, totalCount } = data?.rules ?? {};
  const showMore = () => void fetchMore({ variables: { after: pageInfo?.endCursor ?? null } });

  return (
    <section aria-labelledby="rules">
      <h2 id="rules">
        Rules of {userId} {totalCount !== undefined && <small>{totalCount}</small>}
      </h2>
      {error && <p role="alert">{error.message}</p>}
      {loading && edges.length === 0 && <p>Loading …</p>}
      {totalCount === 0 && <p>None yet.</p>}
      <ul className="rules" aria-labelledby="rules">
        {edges.map(({ node }) => (
          <li key={node.id}>
            <strong>{node.name}</strong> <span>{node.opening}</span>
            <p>{describeRule(node)}</p>
          </li>
        ))}
      </ul>
      {pageInfo?.hasNextPage && <button onClick={showMore}>Show more</button>}
    </section>
  );
}
