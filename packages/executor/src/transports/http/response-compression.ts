import { brotliCompress, constants, gzip } from 'node:zlib';

/** Codings in which responses can be compressed. */
export type ResponseCoding = 'br' | 'gzip';

/** Compresses response bodies in the thread pool of Node.js. */
export interface ResponseCompressor {
  /**
   * Chooses the coding of a response.
   * @param acceptEncoding the header `accept-encoding` of the request
   * @param textLength the length of the response in characters
   * @returns undefined if the response is not compressed: it is small, the client accepts no coding, or too much is being
   *   compressed already
   */
  chooseCoding(acceptEncoding: string | undefined, textLength: number): ResponseCoding | undefined;
  /** Compresses a body. @throws Error (as a rejection) if there is not enough memory */
  compress(coding: ResponseCoding, text: string): Promise<Buffer>;
}

/** Bytes that are compressed at the same time. Compression uses a thread that also opens files and resolves host names. */
const MAX_CONCURRENT_BYTES = 33_554_432; // 32 MiB

/** Levels at which a byte costs about as much with both codings. */
const GZIP_LEVEL = 5;
const BROTLI_QUALITY = 4;

/** @param minBytes responses with fewer characters are not compressed; 0 turns compression off */
export function createResponseCompressor(minBytes: number): ResponseCompressor {
  let runningBytes = 0;
  return {
    chooseCoding(acceptEncoding, textLength) {
      if (acceptEncoding === undefined || minBytes === 0 || textLength < minBytes) return undefined;
      if (runningBytes + textLength > MAX_CONCURRENT_BYTES) return undefined;
      return parseAcceptEncoding(acceptEncoding);
    },
    compress: (coding, text) =>
      new Promise((resolve, reject) => {
        const body = Buffer.from(text);
        runningBytes += body.length;
        const finish = (error: Error | null, compressed: Buffer) => {
          runningBytes -= body.length;
          if (error) reject(error);
          else resolve(compressed);
        };
        if (coding === 'gzip') gzip(body, { level: GZIP_LEVEL }, finish);
        else brotliCompress(body, { params: createBrotliParameters(body.length) }, finish);
      }),
  };
}

const createBrotliParameters = (byteCount: number) => ({
  [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
  [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
  [constants.BROTLI_PARAM_SIZE_HINT]: byteCount,
});

/**
 * Chooses between Brotli and gzip by their qualities; at equal quality Brotli, which compresses JSON better.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export function parseAcceptEncoding(header: string): ResponseCoding | undefined {
  const qualities = new Map<string, number>();
  for (const entry of header.toLowerCase().split(',', MAX_ACCEPTED_CODINGS)) {
    const [coding = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const quality = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1);
    qualities.set(coding === 'x-gzip' ? 'gzip' : coding, quality);
  }
  const getQuality = (coding: string) => qualities.get(coding) ?? qualities.get('*') ?? 0;
  const brotli = getQuality('br');
  const gzipped = getQuality('gzip');
  // A client can prefer an uncompressed response.
  const uncompressed = qualities.get('identity') ?? 0;
  if (brotli > 0 && brotli >= gzipped && brotli >= uncompressed) return 'br';
  return gzipped > 0 && gzipped >= uncompressed ? 'gzip' : undefined;
}

/** A header with more codings is read up to here. */
const MAX_ACCEPTED_CODINGS = 20;
