import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { requestFault } from '../faults.js';

const UNPACKERS: Readonly<Record<string, () => Duplex>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Reads a JSON body.
 * @param maxBytes of the unpacked body
 * @throws GraphQLError with the status 400, 413 or 415
 */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  requireJson(request.headers['content-type']);
  const body = await read(unpacked(request), request, maxBytes);
  if (!isUtf8(body)) throw requestFault(400, 'BAD_REQUEST', 'The body is not UTF-8.');
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw requestFault(400, 'BAD_REQUEST', 'The body is not JSON.');
  }
}

/** @throws GraphQLError 415 */
function requireJson(contentType = ''): void {
  if (contentType === 'application/json') return;
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json')
    throw requestFault(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'The content-type of a POST must be application/json.',
      { 'accept-post': 'application/json' },
    );
  const charset = parameters.find((each) => each.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))
    throw requestFault(415, 'UNSUPPORTED_MEDIA_TYPE', 'The charset must be utf-8.');
}

function unpacked(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity') return request;
  const unpacker = UNPACKERS[encoding];
  if (!unpacker)
    throw requestFault(415, 'UNSUPPORTED_MEDIA_TYPE', 'The content-encoding must be gzip, deflate or br.', {
      'accept-encoding': Object.keys(UNPACKERS).join(', '),
    });
  return request.pipe(unpacker());
}

const read = (body: Readable, request: IncomingMessage, maxBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (error: Error) => {
      body.removeAllListeners('data');
      // What is still to come is thrown away, so that the client reads the answer on the same connection.
      request.unpipe();
      request.resume();
      reject(error);
    };
    const tooLarge = () =>
      requestFault(413, 'PAYLOAD_TOO_LARGE', `The body is larger than ${maxBytes} bytes.`);
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      fail(tooLarge());
      return;
    }
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) fail(tooLarge());
      else chunks.push(chunk);
    });
    body.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    body.on('error', () => fail(requestFault(400, 'BAD_REQUEST', 'The body cannot be read.')));
    if (body !== request) request.on('error', () => body.destroy(new Error('the client is gone')));
  });
