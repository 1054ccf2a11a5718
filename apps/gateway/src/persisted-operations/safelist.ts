import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { normalizeDocument } from './normalize-document.js';

/** An operation that clients may run. The fields are those of Apollo's manifest. */
export interface ListedOperation {
  readonly id: string;
  readonly name: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  /** The document: the operation and its fragments. */
  readonly body: string;
}

/** The operations that clients may run, found by id and by text. */
export interface Safelist {
  readonly size: number;
  /** @param id an id of the manifest, or the SHA-256 hash of a listed body */
  getById(id: string): string | undefined;
  /**
   * @returns the listed body that equals the text, except for whitespace, commas, comments, notation of strings and the
   *   order of definitions
   */
  findByText(text: string): string | undefined;
}

/** Maximum size of the cache of texts that differ from the listed ones in notation only. */
const MAX_VARIANT_BYTES = 8_388_608; // 8 MiB
const OVERHEAD_BYTES = 200;
/** How much longer than the longest listed text a notation of it can be: comments and whitespace cost time to read. */
const MAX_LENGTH_FACTOR = 4;
const MIN_COMPARED_LENGTH = 4_096;

export const hashDocument = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * @param maxTextLength in characters; longer texts are not compared
 * @throws Error if two operations with the same id have different bodies
 */
export function createSafelist(operations: readonly ListedOperation[], maxTextLength: number): Safelist {
  const bodyById = new Map<string, string>();
  const bodyByText = new Map<string, string>();
  const bodyByNormalizedText = new Map<string, string>();
  let maxTokens = 0;
  let maxListedLength = 0;
  for (const { id, name, body } of operations) {
    const listed = bodyById.get(id);
    if (listed !== undefined && listed !== body) {
      throw new Error(`The operation ${name} has the id of another operation: ${id}. Give each its own id.`);
    }
    bodyById.set(id, body);
    bodyByText.set(body, body);
    maxListedLength = Math.max(maxListedLength, body.length);
    const normalized = normalizeDocument(body, Infinity);
    if (!normalized) continue;
    bodyByNormalizedText.set(normalized.text, body);
    maxTokens = Math.max(maxTokens, normalized.tokenCount);
  }
  // After the ids of the manifest, which take precedence.
  for (const body of bodyByText.keys()) {
    const hash = hashDocument(body);
    if (!bodyById.has(hash)) bodyById.set(hash, body);
  }
  const maxComparedLength = Math.min(
    maxTextLength,
    Math.max(MIN_COMPARED_LENGTH, MAX_LENGTH_FACTOR * maxListedLength),
  );
  const variants = new LRUCache<string, string>({
    maxSize: MAX_VARIANT_BYTES,
    sizeCalculation: (_body, text) => OVERHEAD_BYTES + 2 * text.length,
  });

  return {
    size: bodyByText.size,
    getById: (id) => bodyById.get(id),
    findByText(text) {
      const known = bodyByText.get(text) ?? variants.get(text);
      if (known !== undefined || text.length > maxComparedLength) return known;
      const normalized = normalizeDocument(text, maxTokens);
      const body = normalized && bodyByNormalizedText.get(normalized.text);
      if (body !== undefined) variants.set(text, body);
      return body;
    },
  };
}
