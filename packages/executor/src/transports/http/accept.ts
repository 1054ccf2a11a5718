import { createLruCache } from '../../shared/lru-cache.js';

export type JsonType = 'application/json' | 'application/graphql-response+json';
export type StreamKind = 'sse' | 'multipart';

/** What a client says that it can read. */
export interface Accept {
  readonly json: JsonType | undefined;
  readonly stream: StreamKind | undefined;
  /** It is a browser that opens a page. */
  readonly html: boolean;
}

interface MediaRange {
  readonly type: string;
  readonly parameters: readonly string[];
  readonly quality: number;
}

/** A type that is not named is never HTML or a stream: those are for clients that ask for them. */
const JSON_TYPES: Readonly<Record<string, JsonType>> = {
  'application/json': 'application/json',
  'application/graphql-response+json': 'application/graphql-response+json',
  'application/*': 'application/json',
  '*/*': 'application/json',
};

/** Clients say the same again and again. */
const CAPACITY = 200;
/** A longer header is read each time. */
const LONGEST_KEPT = 500;

/** @returns what reads an Accept header; of what a client likes equally, it takes what the client names first */
export function createAcceptReader(): (header: string | undefined) => Accept {
  const known = createLruCache<Accept>(CAPACITY);
  return (header = '*/*') => {
    const before = known.get(header);
    if (before) return before;
    const accept = readAccept(header);
    if (header.length <= LONGEST_KEPT) known.set(header, accept);
    return accept;
  };
}

export function readAccept(header: string): Accept {
  // A stable sort: the order of the header stays where the quality is equal.
  const ranges = header
    .split(',')
    .map(readRange)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return {
    json: ranges.map(({ type }) => JSON_TYPES[type]).find((type) => type !== undefined),
    stream: ranges.map(streamOf).find((kind) => kind !== undefined),
    html: ranges.some(({ type }) => type === 'text/html'),
  };
}

function readRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1);
  return { type, parameters, quality: Number.isNaN(quality) ? 0 : quality };
}

function streamOf({ type, parameters }: MediaRange): StreamKind | undefined {
  if (type === 'text/event-stream') return 'sse';
  const isForSubscriptions = parameters.some((each) => /^subscriptionspec="?1\.0"?$/.test(each));
  return type === 'multipart/mixed' && isForSubscriptions ? 'multipart' : undefined;
}
