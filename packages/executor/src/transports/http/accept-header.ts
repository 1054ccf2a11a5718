import { createLruCache } from '../../shared/lru-cache.js';

export type JsonMediaType = 'application/json' | 'application/graphql-response+json';
export type StreamKind = 'sse' | 'multipart';

/** The response formats that a client accepts. Of each kind the preferred one is listed. */
export interface AcceptedFormats {
  readonly json: JsonMediaType | undefined;
  readonly stream: StreamKind | undefined;
  /** A browser that opens a page accepts HTML. */
  readonly html: boolean;
}

interface MediaRange {
  readonly type: string;
  readonly parameters: readonly string[];
  readonly quality: number;
}

/** Wildcards mean JSON. Clients must name HTML and streams explicitly. */
const JSON_TYPE_BY_RANGE: ReadonlyMap<string, JsonMediaType> = new Map([
  ['application/json', 'application/json'],
  ['application/graphql-response+json', 'application/graphql-response+json'],
  ['application/*', 'application/json'],
  ['*/*', 'application/json'],
]);

const MAX_CACHED_HEADERS = 200;
/** Longer headers are parsed each time. In characters. */
const MAX_CACHED_HEADER_LENGTH = 500;

/** @returns a parser of Accept headers that caches its results; a missing header accepts anything */
export function createAcceptParser(): (header: string | undefined) => AcceptedFormats {
  const cache = createLruCache<AcceptedFormats>(MAX_CACHED_HEADERS);
  return (header = '*/*') => {
    const cached = cache.get(header);
    if (cached) return cached;
    const formats = parseAccept(header);
    if (header.length <= MAX_CACHED_HEADER_LENGTH) cache.set(header, formats);
    return formats;
  };
}

/** Prefers the highest quality; at equal quality the format that the header names first. */
export function parseAccept(header: string): AcceptedFormats {
  const ranges = header
    .split(',')
    .map(parseMediaRange)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return {
    json: ranges.map(({ type }) => JSON_TYPE_BY_RANGE.get(type)).find((type) => type !== undefined),
    stream: ranges.map(getStreamKind).find((kind) => kind !== undefined),
    html: ranges.some(({ type }) => type === 'text/html'),
  };
}

function parseMediaRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1);
  return { type, parameters, quality: Number.isNaN(quality) ? 0 : quality };
}

function getStreamKind({ type, parameters }: MediaRange): StreamKind | undefined {
  if (type === 'text/event-stream') return 'sse';
  const isForSubscriptions = parameters.some((each) => /^subscriptionspec="?1\.0"?$/.test(each));
  return type === 'multipart/mixed' && isForSubscriptions ? 'multipart' : undefined;
}
