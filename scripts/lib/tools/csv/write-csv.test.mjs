import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { writeCsv } from './write-csv.mjs';

/** @param {readonly Record<string, unknown>[]} rows @param {{ bom?: boolean }} [options] */
async function written(rows, { bom = false } = {}) {
  const stream = new PassThrough();
  const all = buffer(stream);
  await writeCsv(toAsync(rows), ['a', 'b'], stream, { bom });
  stream.end();
  return (await all).toString();
}

/** @param {readonly Record<string, unknown>[]} rows */
async function* toAsync(rows) {
  for (const row of rows) yield await Promise.resolve(row);
}

test('lines end as RFC 4180 has it, and what needs quotes has them', async () => {
  expect(await written([{ a: 'x, "y"\nz', b: null }])).toBe('a,b\r\n"x, ""y""\nz",\r\n');
  expect(await written([{ a: true, b: 5 }])).toBe('a,b\r\ntrue,5\r\n');
});

test('no cell is a formula', async () => {
  const cells = ['=1+1', '+1', '-1', '@a', '\tx', '\rx'];
  const lines = (await written(cells.map((a) => ({ a, b: '' })))).split('\r\n').slice(1, -1);
  for (const line of lines) expect(line.replace(/^"/, '')).toMatch(/^'/);
});

test('a mark says that it is UTF-8, where it is wanted', async () => {
  expect(await written([{ a: 'ñ', b: '' }], { bom: true })).toBe('\uFEFFa,b\r\nñ,\r\n');
});

test('a list without rows has its header', async () => {
  expect(await written([])).toBe('a,b\r\n');
});
