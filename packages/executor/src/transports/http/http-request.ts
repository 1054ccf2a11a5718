import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isUtf8 } from 'node:buffer';
import { Readable, type Duplex } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { createHttpError } from '../shared/error-responses.js';
import { readDocumentId } from '../shared/persisted-documents.js';
import { FREE_REQUEST_BYTES, type RequestedDocument } from '../shared/client-request.js';
import { MAX_CLIENT_LARGE_INTEGERS, parseJson, TooManyLargeIntegersError } from '../../shared/exact-json.js';
import type { RequestJsonParser } from '../shared/request-json.js';
import { isJsonObject } from '../../shared/json.js';
import type { IncrementalSpec } from './response-part-formats.js';

export type JsonMediaType = 'application/json' | 'application/graphql-response+json';
export type StreamKind = 'sse' | 'multipart';

/** How a client accepts a response in parts. */
export interface PartsFormat {
  readonly stream: StreamKind;
  readonly spec: IncrementalSpec;
}

/** The response formats that a client accepts. Of each kind the preferred one is listed. */
export interface AcceptedFormats {
  readonly json: JsonMediaType | undefined;
  readonly stream: StreamKind | undefined;
  /** For operations with `@defer`; `undefined` also if the client prefers JSON. */
  readonly parts: PartsFormat | undefined;
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
  const cache = new LRUCache<string, AcceptedFormats>({ max: MAX_CACHED_HEADERS });
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
  const json = ranges.find(({ type }) => JSON_TYPE_BY_RANGE.has(type));
  const hasJson = json !== undefined;
  return {
    json: json && JSON_TYPE_BY_RANGE.get(json.type),
    stream: ranges.map(getStreamKind).find((kind) => kind !== undefined),
    parts: ranges
      .filter(({ quality }) => !json || quality >= json.quality)
      .map((range) => getPartsFormat(range, hasJson))
      .find((format) => format !== undefined),
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

const INCREMENTAL_SPECS: ReadonlyMap<string, IncrementalSpec> = new Map([
  ['deferspec=20220824', '20220824'],
  ['incrementalspec=v0.2', 'v0.2'],
]);

/** A client that accepts event streams only need not name the format. One that accepts JSON may read streams of whole responses. */
function getPartsFormat({ type, parameters }: MediaRange, hasJson: boolean): PartsFormat | undefined {
  const stream = type === 'text/event-stream' ? 'sse' : 'multipart';
  if (stream === 'multipart' && type !== 'multipart/mixed') return undefined;
  const named = parameters
    .map((each) => INCREMENTAL_SPECS.get(each.replaceAll('"', '')))
    .find((spec) => spec !== undefined);
  const spec = named ?? (stream === 'sse' && !hasJson ? '20220824' : undefined);
  return spec && { stream, spec };
}

/** Browsers send these content types to other sites without a CORS preflight. */
const SIMPLE_CONTENT_TYPES: readonly (string | undefined)[] = [
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
];
/** Each of these headers makes a browser send a preflight. Apollo's clients set one of them. */
const PREFLIGHT_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name'];

/**
 * Prevents cross-site request forgery as Apollo Server does: a request must be one for which a browser sends a CORS
 * preflight. A request with a Bearer token is accepted too.
 * @see https://www.apollographql.com/docs/apollo-server/security/cors#preventing-cross-site-request-forgery-csrf
 * @throws GraphQLError with status 400
 */
export function requirePreflight(headers: IncomingHttpHeaders): void {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== undefined && type !== '' && !SIMPLE_CONTENT_TYPES.includes(type)) return;
  if (PREFLIGHT_HEADERS.some((name) => (headers[name] ?? '') !== '')) return;
  // Browsers add stored credentials for Basic and Digest, never for Bearer.
  if (/^bearer /i.test(headers.authorization ?? '')) return;
  throw createHttpError(
    400,
    'BAD_REQUEST',
    'The request was blocked because it could be a cross-site request forgery. Send the content-type ' +
      `application/json or one of the headers ${PREFLIGHT_HEADERS.join(', ')}.`,
  );
}

/**
 * Whether a GET request without the header `Origin` comes from a page of the same origin, as the browser says in a header that no
 * page can set. Such a request needs no preflight.
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export const isFromOwnPage = ({ 'sec-fetch-site': site }: IncomingHttpHeaders): boolean =>
  site === 'same-origin';

/**
 * Whether a GET request without the header `Origin` comes from a script outside of browsers: `fetch` of Node.js sends the mode
 * alone. Browsers send it together with the site, and scripts of other origins with `Origin`.
 */
export const isFromScript = (
  { 'sec-fetch-site': site, 'sec-fetch-mode': mode }: IncomingHttpHeaders,
  { json, stream }: AcceptedFormats,
): boolean =>
  site === undefined &&
  mode === 'cors' &&
  (json === 'application/graphql-response+json' || stream !== undefined);

/** A longer cursor is ignored, in characters. */
const MAX_EVENT_ID_LENGTH = 2_000;

/**
 * Reads the header in which an EventSource names the last event that it has received: the cursor of a subscription.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header
 */
export function readLastEventId({ 'last-event-id': header }: IncomingHttpHeaders): string | undefined {
  const id = Array.isArray(header) ? header[0] : header;
  return id === undefined || id === '' || id.length > MAX_EVENT_ID_LENGTH ? undefined : id;
}

/**
 * Parameters of a GraphQL-over-HTTP request.
 * @see https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters
 */
export interface RequestParameters extends RequestedDocument {
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/**
 * Reads the JSON body of a POST request, and decompresses it.
 * @param maxBytes of the decompressed body
 * @param verify verifies the bytes as they were sent, before they are decompressed
 * @param charge called with numbers of bytes before they are read; it throws to refuse the body. Unused with `verify`
 * @throws GraphQLError with status 400, 413 or 415, also as a rejection; what `verify` and `charge` throw
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  verify?: (body: Uint8Array) => void | Promise<void>,
  charge?: ByteCharge,
): Promise<Buffer> {
  requireJsonContentType(request.headers['content-type']);
  return verify
    ? readVerifiedBytes(request, maxBytes, verify)
    : readBytes(decompress(request), request, maxBytes, charge);
}

/**
 * Reads the parameters from the JSON body of a POST request.
 * @throws GraphQLError with status 400, or of the parser
 */
export function parseBodyParameters(bytes: Buffer, parse: RequestJsonParser): RequestParameters {
  if (!isUtf8(bytes)) throw createBadRequestError('The request body is not UTF-8. Encode it as UTF-8.');
  let body: unknown;
  try {
    body = parse(bytes);
  } catch (error) {
    if (error instanceof GraphQLError) throw error;
    if (error instanceof TooManyLargeIntegersError) throw createTooManyLargeIntegersError();
    throw createBadRequestError('The request body is not JSON. Send a JSON object with a "query".');
  }
  if (Array.isArray(body))
    throw createBadRequestError(
      'Batched requests are not supported. Send each operation in its own request.',
    );
  if (!isJsonObject(body))
    throw createBadRequestError('The request body must be a JSON object with a "query".');
  const { query, documentId, operationName, variables, extensions } = body;
  return checkParameters(query, documentId, operationName, variables, extensions);
}

/**
 * Reads the parameters from the query string of a GET request.
 * @throws GraphQLError with status 400
 */
export function readSearchParameters(search: URLSearchParams): RequestParameters {
  const parseParameter = (name: string): unknown => {
    const text = search.get(name);
    if (text === null || text === '') return undefined;
    try {
      return parseJson(text, MAX_CLIENT_LARGE_INTEGERS);
    } catch (error) {
      if (error instanceof TooManyLargeIntegersError) throw createTooManyLargeIntegersError();
      throw createBadRequestError(`"${name}" must be JSON.`);
    }
  };
  return checkParameters(
    search.get('query'),
    search.get('documentId'),
    search.get('operationName') === '' ? undefined : search.get('operationName'),
    parseParameter('variables'),
    parseParameter('extensions'),
  );
}

const createBadRequestError = (message: string) => createHttpError(400, 'BAD_REQUEST', message);

const createTooManyLargeIntegersError = () =>
  createBadRequestError(
    `The request has more than ${MAX_CLIENT_LARGE_INTEGERS} integers beyond 2^53. Send them as strings, or in several requests.`,
  );

function checkParameters(
  query: unknown,
  documentId: unknown,
  operationName: unknown,
  variables: unknown,
  extensions: unknown,
): RequestParameters {
  const checkedQuery = query ?? '';
  if (typeof checkedQuery !== 'string') throw createBadRequestError('"query" must be a string.');
  const checkedName = operationName ?? undefined;
  if (checkedName !== undefined && typeof checkedName !== 'string')
    throw createBadRequestError('"operationName" must be a string.');
  const checkedVariables = variables ?? undefined;
  if (checkedVariables !== undefined && !isJsonObject(checkedVariables))
    throw createBadRequestError('"variables" must be an object.');
  const checkedExtensions = extensions ?? {};
  if (!isJsonObject(checkedExtensions)) throw createBadRequestError('"extensions" must be an object.');
  const checkedId = readDocumentId(documentId, checkedExtensions);
  if (checkedQuery === '' && checkedId === undefined)
    throw createBadRequestError('The request has no "query". Send a GraphQL document in it.');
  return {
    query: checkedQuery,
    documentId: checkedId,
    operationName: checkedName,
    variables: checkedVariables,
    extensions: checkedExtensions,
  };
}

/** @throws GraphQLError with status 415 */
function requireJsonContentType(contentType = ''): void {
  if (contentType === 'application/json') return;
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json')
    throw createHttpError(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'The content-type of a POST request must be application/json.',
      { 'accept-post': 'application/json' },
    );
  const charset = parameters.find((each) => each.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))
    throw createHttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'The charset of the request body must be utf-8.');
}

const DECOMPRESSORS: ReadonlyMap<string, () => Duplex> = new Map<string, () => Duplex>([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** Pieces in which a body may arrive, besides one for each {@link BYTES_PER_CHUNK}: each piece takes time, however small it is. */
const MAX_SMALL_CHUNKS = 1_000;
const BYTES_PER_CHUNK = 128;
/** Charged for a body in too small chunks: Node.js reads all chunks of a packet, up to 11,000, in the time of these bytes. */
const SMALL_CHUNKS_CHARGE_BYTES = 1_000_000;

const createTooManyChunksError = () =>
  createHttpError(
    400,
    'BAD_REQUEST',
    `The request body arrives in too small chunks. Send chunks of at least ${BYTES_PER_CHUNK} bytes.`,
    { connection: 'close' },
  );

/** Larger bodies arrive in several pieces. Of these, the whole size is allocated at once. */
const LARGE_BODY_BYTES = 65_536; // 64 KiB

/** Takes the cost of bytes. It throws to refuse them. */
export type ByteCharge = (byteCount: number) => void;

/**
 * Whether a body can be larger than its free size: it is announced so, or its size is unknown until it is decompressed or
 * read.
 */
export const canExceedFreeBytes = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers['content-encoding'] !== undefined ||
  !(Number(headers['content-length'] ?? Infinity) <= FREE_REQUEST_BYTES);

/** Reads a body that is verified before it is decompressed. Rejects like {@link readBytes}, and with what `verify` throws. */
async function readVerifiedBytes(
  request: IncomingMessage,
  maxBytes: number,
  verify: (body: Uint8Array) => void | Promise<void>,
): Promise<Buffer> {
  const sent = await readBytes(request, request, maxBytes);
  await verify(sent);
  const body = decompress(request, Readable.from([sent]));
  return readBytes(body, request, maxBytes);
}

/**
 * @param body the compressed body, if it is not read from the request
 * @throws GraphQLError with status 415 for an unknown content-encoding
 */
function decompress(request: IncomingMessage, body: Readable = request): Readable {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity') return body;
  const createDecompressor = DECOMPRESSORS.get(encoding);
  if (!createDecompressor)
    throw createHttpError(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'The content-encoding must be gzip, deflate or br.',
      { 'accept-encoding': [...DECOMPRESSORS.keys()].join(', ') },
    );
  return body.pipe(createDecompressor());
}

/** Rejects with a GraphQLError of status 400 or 413, and with what `charge` throws. */
const readBytes = (
  body: Readable,
  request: IncomingMessage,
  maxBytes: number,
  charge?: ByteCharge,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let chunkCount = 0;
    let chargedBytes = FREE_REQUEST_BYTES;
    const fail = (error: Error) => {
      body.removeAllListeners('data');
      // The rest of the body is discarded, so that the client reads the response on the same connection.
      request.unpipe();
      request.resume();
      reject(error);
    };
    const createTooLargeError = () =>
      createHttpError(
        413,
        'PAYLOAD_TOO_LARGE',
        `The request body is larger than ${maxBytes} bytes. Send a smaller one.`,
        // A body of unknown length might never end.
        request.headers['content-length'] === undefined ? { connection: 'close' } : {},
      );
    /** @returns whether the bytes may be read; otherwise it has failed */
    const chargeUpTo = (byteCount: number): boolean => {
      if (!charge || byteCount <= chargedBytes) return true;
      try {
        charge(byteCount - chargedBytes);
        chargedBytes = byteCount;
        return true;
      } catch (error) {
        fail(error as Error);
        return false;
      }
    };
    if (request.errored) {
      fail(createReadError(request.errored));
      return;
    }
    const announcedSize = Number(request.headers['content-length'] ?? 0);
    if (announcedSize > maxBytes) {
      fail(createTooLargeError());
      return;
    }
    if (!chargeUpTo(announcedSize)) return;
    // To copy a large body at its end would keep other clients waiting.
    const whole =
      body === request && announcedSize > LARGE_BODY_BYTES ? Buffer.alloc(announcedSize) : undefined;
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunkCount += 1;
      if (size > maxBytes) fail(createTooLargeError());
      else if (chunkCount > MAX_SMALL_CHUNKS + size / BYTES_PER_CHUNK) {
        if (chargeUpTo(chargedBytes + SMALL_CHUNKS_CHARGE_BYTES)) fail(createTooManyChunksError());
      } else if (whole) chunk.copy(whole, size - chunk.length);
      else if (chargeUpTo(size)) chunks.push(chunk);
    });
    body.on('end', () =>
      resolve(whole ?? (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))),
    );
    body.on('error', (error) => fail(createReadError(error)));
    if (body !== request) request.on('error', (error) => body.destroy(error));
  });

/** @param error of the body or the request. With `expose`, its status and message are for the client, as in the package `http-errors`. */
function createReadError(error: Error & { readonly status?: number; readonly expose?: boolean }): Error {
  const { status = 400, expose = false, message } = error;
  return expose
    ? createHttpError(status, 'BAD_REQUEST', message, { connection: 'close' })
    : createBadRequestError('The request body cannot be read. Check its content-encoding.');
}
