import { Lexer, Source, TokenKind, type Token } from 'graphql';

const OPENING_BRACKETS: ReadonlySet<string> = new Set([
  TokenKind.BRACE_L,
  TokenKind.BRACKET_L,
  TokenKind.PAREN_L,
]);
const CLOSING_BRACKETS: ReadonlySet<string> = new Set([
  TokenKind.BRACE_R,
  TokenKind.BRACKET_R,
  TokenKind.PAREN_R,
]);

/** Tokens of other kinds have one notation. */
const VALUE_KINDS: ReadonlySet<string> = new Set([TokenKind.NAME, TokenKind.INT, TokenKind.FLOAT]);

/** A document reduced to what its meaning depends on. */
export interface NormalizedDocument {
  /** Equal for documents that differ in whitespace, commas, comments, notation of strings and order of definitions. */
  readonly text: string;
  readonly tokenCount: number;
}

/**
 * Normalizes a document for comparison. It reads tokens only: the parser calls itself for each level of nesting, so it
 * would need limits for unknown documents.
 * @param maxTokens longer documents are given up
 * @returns undefined if the document is longer, or has characters that no token has
 */
export function normalizeDocument(document: string, maxTokens: number): NormalizedDocument | undefined {
  const lexer = new Lexer(new Source(document));
  const definitions: string[] = [];
  let definition = '';
  let depth = 0;
  let tokenCount = 0;
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      tokenCount += 1;
      if (tokenCount > maxTokens) return undefined;
      definition += `${formatToken(token)} `;
      if (OPENING_BRACKETS.has(token.kind)) depth += 1;
      else if (CLOSING_BRACKETS.has(token.kind)) depth -= 1;
      // The selection set is the end of a definition.
      if (depth === 0 && token.kind === TokenKind.BRACE_R) {
        definitions.push(definition);
        definition = '';
      }
    }
  } catch {
    return undefined;
  }
  definitions.push(definition);
  return { text: definitions.sort().join('\n'), tokenCount };
}

function formatToken({ kind, value }: Token): string {
  // Both notations of a string have the same value.
  if (kind === TokenKind.STRING || kind === TokenKind.BLOCK_STRING) return JSON.stringify(value);
  return VALUE_KINDS.has(kind) ? value : kind;
}
