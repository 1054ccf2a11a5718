import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** Receives a decoded body. */
export interface BodySink {
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** Called instead of `onEnd` if the body is damaged or incomplete. */
  onError(error: Error): void;
}

/** Decodes a compressed body piece by piece, in the thread pool of Node.js. */
export interface BodyDecoder {
  write(chunk: Buffer): void;
  end(): void;
  /** Stops decoding. The sink is not called any more. */
  destroy(): void;
}

/** The value of `accept-encoding` for the codings that {@link createBodyDecoder} knows. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';

/** A body with more codings is rejected: each one takes time and memory. */
const MAX_CODINGS = 3;

/**
 * Creates the decoder of a body.
 * @param contentEncoding the header `content-encoding`: the codings in the order in which they were applied
 * @returns undefined if the body is not encoded
 * @throws Error if a coding is unknown, or there are too many
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4
 */
export function createBodyDecoder(contentEncoding: string, sink: BodySink): BodyDecoder | undefined {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > MAX_CODINGS) throw new Error(`The body has more than ${MAX_CODINGS} codings.`);
  // The coding that was applied last is decoded first.
  let decoder: CodingDecoder | undefined;
  for (const coding of codings) decoder = new CodingDecoder(coding, decoder ?? sink);
  return decoder;
}

/** Decodes one coding. It is the sink of the coding that was applied after it. */
class CodingDecoder implements BodyDecoder, BodySink {
  private readonly createStream: (firstChunk: Buffer) => Transform;
  /** Created for the first chunk, which tells the variants of `deflate` apart. */
  private stream: Transform | undefined;

  constructor(
    coding: string,
    private readonly sink: BodySink | CodingDecoder,
  ) {
    const createStream = STREAM_FACTORIES.get(coding);
    if (!createStream) throw new Error(`The coding "${coding.slice(0, 30)}" of the body is unknown.`);
    this.createStream = createStream;
  }

  write(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.stream ??= this.openStream(chunk);
    this.stream.write(chunk);
  }

  end(): void {
    if (this.stream) this.stream.end();
    else this.sink.onError(new Error('The encoded body is empty.'));
  }

  destroy(): void {
    this.stream
      ?.removeAllListeners()
      .on('error', () => undefined)
      .destroy();
    if (this.sink instanceof CodingDecoder) this.sink.destroy();
  }

  onData(chunk: Buffer): void {
    this.write(chunk);
  }

  onEnd(): void {
    this.end();
  }

  onError(error: Error): void {
    this.sink.onError(error);
  }

  private openStream(firstChunk: Buffer): Transform {
    const stream = this.createStream(firstChunk);
    stream.on('data', (chunk: Buffer) => this.sink.onData(chunk));
    stream.on('end', () => this.sink.onEnd());
    stream.on('error', (error) => this.sink.onError(error));
    return stream;
  }
}

/** The low four bits of the first byte of the zlib format (RFC 1950). Some servers send `deflate` without this format. */
const ZLIB_METHOD_DEFLATE = 8;

const STREAM_FACTORIES: ReadonlyMap<string, (firstChunk: Buffer) => Transform> = new Map([
  ['gzip', (): Transform => createGunzip()],
  ['x-gzip', (): Transform => createGunzip()],
  ['br', (): Transform => createBrotliDecompress()],
  [
    'deflate',
    (firstChunk: Buffer): Transform =>
      ((firstChunk[0] ?? 0) & 0x0f) === ZLIB_METHOD_DEFLATE ? createInflate() : createInflateRaw(),
  ],
]);
