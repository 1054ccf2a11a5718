import { describe, expect, test } from 'vitest';
import { findAddedData, mergeAddedData } from './added-data.js';

const find = (delivered: Record<string, unknown>, data: Record<string, unknown>) =>
  findAddedData(delivered, data)?.map((added) => [added.path.join('.'), added.data]) ?? null;

describe('what a fragment adds', () => {
  test('are the fields that the client has not, of each object and list element that it has', () => {
    const delivered = { id: 1, size: { height: 2 }, parts: [{ id: 'a' }, null, { id: 'b' }] };
    const data = { id: 1, name: 'n', size: { width: 3 }, parts: [{ id: 'a', tone: 1 }, null, { tone: 2 }] };
    expect(find(delivered, data)).toStrictEqual([
      ['', { name: 'n' }],
      ['size', { width: 3 }],
      ['parts.0', { tone: 1 }],
      ['parts.2', { tone: 2 }],
    ]);
    expect(find(delivered, { id: 1, size: {} })).toStrictEqual([]);
  });

  test('is nothing below a null that the client has', () => {
    expect(find({ size: null, parts: [null] }, { size: { width: 3 }, parts: [{ tone: 1 }] })).toStrictEqual(
      [],
    );
  });

  test('is null if a null would replace an object or list that the client has', () => {
    expect(find({ size: { height: 2 } }, { name: 'n', size: null })).toBeNull();
    expect(find({ parts: [{ id: 'a' }] }, { parts: [null] })).toBeNull();
    expect(find({ parts: [] }, { parts: null })).toBeNull();
    expect(find({ left: null }, { left: null })).toStrictEqual([]);
  });

  test('is nothing where the client has another kind of value', () => {
    expect(find({ a: {}, b: [], c: 1 }, { a: [], b: {}, c: { d: 1 } })).toStrictEqual([]);
    expect(find({ a: {} }, { a: 1 })).toStrictEqual([]);
  });

  test('is null if a value is absent where the client has an object', () => {
    expect(find({ a: {} }, { a: undefined })).toBeNull();
  });

  test('is nothing in an object that is the one that the client has', () => {
    const shared = { id: 1 };
    expect(find({ a: shared }, { a: shared })).toStrictEqual([]);
  });

  test('names the object of the client, which all new fields of it share', () => {
    const delivered = { size: { id: 1 } };
    expect(findAddedData(delivered, { size: { width: 3, height: 2 } })).toStrictEqual([
      { path: ['size'], data: { width: 3, height: 2 }, target: delivered.size },
    ]);
  });

  test('is nothing in a list that has another length than that of the client', () => {
    expect(find({ parts: [{ id: 'a' }] }, { parts: [], name: 'n' })).toStrictEqual([['', { name: 'n' }]]);
  });

  test('is copied when it is merged, and can have any key', () => {
    const delivered: Record<string, unknown> = { id: 1 };
    const data = JSON.parse('{ "__proto__": { "a": 1 }, "size": { "height": 2 } }') as Record<
      string,
      unknown
    >;
    const added = findAddedData(delivered, data) ?? [];
    mergeAddedData(added);
    expect(JSON.stringify(delivered)).toBe('{"id":1,"__proto__":{"a":1},"size":{"height":2}}');
    expect(Object.getPrototypeOf(delivered)).toBe(Object.prototype);
    mergeAddedData(findAddedData(delivered, { size: { width: 3 } }) ?? []);
    expect(JSON.stringify(added[0]?.data)).toBe('{"__proto__":{"a":1},"size":{"height":2}}');
  });
});
