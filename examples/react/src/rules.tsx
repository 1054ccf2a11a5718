import { useQuery, useSubscription } from '@apollo/client/react';
import { RuleChangedDocument, RulesDocument, type RuleFieldsFragment } from './generated';

/** A user's rules, newest first; changes by anybody show by themselves. */
export function Rules({ userId }: { readonly userId: string }) {
  const { data, error, loading, refetch, fetchMore } = useQuery(RulesDocument, { variables: { userId } });
  // Of others too: a change is told once it can be read.
  useSubscription(RuleChangedDocument, { variables: { userId }, onData: () => void refetch() });
  const { edges = [], pageInfo, totalCount } = data?.rules ?? {};
  const more = () => void fetchMore({ variables: { after: pageInfo?.endCursor ?? null } });

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
            <p>{describe(node)}</p>
          </li>
        ))}
      </ul>
      {pageInfo?.hasNextPage && <button onClick={more}>Show more</button>}
    </section>
  );
}

function describe({ opensAt, closesAt, maxOpenSeconds }: RuleFieldsFragment): string {
  const hours = opensAt !== null && closesAt !== null && `${opensAt} to ${closesAt}`;
  const timer = maxOpenSeconds !== null && `at most ${maxOpenSeconds} s at a time`;
  return `May be open ${[hours, timer].filter(Boolean).join(', ')}`;
}
