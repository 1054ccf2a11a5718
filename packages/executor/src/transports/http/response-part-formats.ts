import type { CompletedFragment, PendingFragment, ResponsePart } from '../../execution/execute-in-parts.js';

/**
 * How the parts of a response are written. Clients name the format in their Accept header: `deferSpec=20220824` or
 * `incrementalSpec=v0.2`.
 */
export type IncrementalSpec = '20220824' | 'v0.2';

/** Writes a part as an object for JSON. */
export const formatResponsePart = (part: ResponsePart, spec: IncrementalSpec): object =>
  spec === '20220824' ? formatPartOf2022(part) : formatPart(part);

/**
 * The format of a proposal of August 2022, which most clients know: a part names the path and label of what it completes.
 * @see https://github.com/graphql/graphql-spec/blob/48cf7263a71a683fab03d45d309fd42d8d9a6659/spec/Section%207%20--%20Response.md
 */
function formatPartOf2022({ result, completed, hasNext }: ResponsePart): object {
  if (result) return { ...result, hasNext };
  return { incremental: completed.flatMap(formatFragmentOf2022), hasNext };
}

function formatFragmentOf2022({ fragment, added, errors, extensions }: CompletedFragment): readonly object[] {
  const { path, label } = fragment;
  const labelled = label !== undefined && { label };
  const itself = added?.find((each) => each.path.length === 0);
  const inside = added?.filter((each) => each.path.length > 0) ?? [];
  return [
    {
      // A client learns from this entry that the fragment is complete, also if it adds nothing to the object itself.
      ...(errors.length > 0 && { errors }),
      data: added ? (itself?.data ?? {}) : null,
      path,
      ...labelled,
      ...(extensions && { extensions }),
    },
    ...inside.map((each) => ({ data: each.data, path: [...path, ...each.path], ...labelled })),
  ];
}

/**
 * The format of the present proposal: fragments are announced with an id before they are completed.
 * @see https://specs.apollo.dev/incremental/v0.2/
 */
function formatPart({ result, pending, completed, hasNext }: ResponsePart): object {
  const incremental = completed.flatMap(formatAddedData);
  return {
    ...result,
    ...(pending.length > 0 && { pending: pending.map(formatPending) }),
    ...(incremental.length > 0 && { incremental }),
    ...(completed.length > 0 && { completed: completed.map(formatCompleted) }),
    hasNext,
  };
}

const formatPending = ({ id, path, label }: PendingFragment) => ({
  id,
  path,
  ...(label !== undefined && { label }),
});

function formatAddedData({ fragment: { id }, added, errors, extensions }: CompletedFragment): object[] {
  if (!added) return [];
  const additions = { ...(errors.length > 0 && { errors }), ...(extensions && { extensions }) };
  const [first, ...others] = added;
  if (!first) return Object.keys(additions).length > 0 ? [{ id, data: {}, ...additions }] : [];
  return [
    { id, ...formatSubPath(first.path), data: first.data, ...additions },
    ...others.map(({ path, data }) => ({ id, ...formatSubPath(path), data })),
  ];
}

const formatSubPath = (path: PendingFragment['path']) => path.length > 0 && { subPath: path };

/** A fragment that is null has errors here, and no data. */
const formatCompleted = ({ fragment: { id }, added, errors }: CompletedFragment) =>
  added ? { id } : { id, errors };
