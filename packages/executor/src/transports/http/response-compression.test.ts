import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createResponseCompressor, parseAcceptEncoding } from './response-compression.js';

describe('parseAcceptEncoding', () => {
  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['GZIP;q=1.0, BR;q=0.5', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['*;q=0.5, br;q=0', 'gzip'],
    ['identity, gzip;q=0.5', undefined],
    ['gzip;q=nonsense', undefined],
    ['deflate', undefined],
    ['', undefined],
  ])('chooses for "%s": %s', (header, coding) => {
    expect(parseAcceptEncoding(header)).toBe(coding);
  });
});

describe('a compressor', () => {
  test('leaves small responses as they are, and all of them with the limit 0', () => {
    const compressor = createResponseCompressor(1_000);
    expect(compressor.chooseCoding('gzip', 999)).toBeUndefined();
    expect(compressor.chooseCoding('gzip', 1_000)).toBe('gzip');
    expect(compressor.chooseCoding(undefined, 1_000)).toBeUndefined();
    expect(createResponseCompressor(0).chooseCoding('gzip', 1_000)).toBeUndefined();
  });

  test('compresses a bounded number of bytes at the same time', async () => {
    const compressor = createResponseCompressor(1);
    const text = 'ñ'.repeat(10_000_000);
    const running = compressor.compress('gzip', text);
    expect(compressor.chooseCoding('gzip', 20_000_000)).toBeUndefined();
    expect(gunzipSync(await running).toString()).toBe(text);
    expect(compressor.chooseCoding('gzip', 20_000_000)).toBe('gzip');
  });

  test('writes Brotli', async () => {
    const body = await createResponseCompressor(1).compress('br', 'some text');
    expect(brotliDecompressSync(body).toString()).toBe('some text');
  });
});
