import {
  CONSISTENCY_TOKEN_HEADER,
  formatConsistencyToken,
  getLaterConsistencyToken,
  MAX_CONSISTENCY_TOKEN_LENGTH,
  MAX_CONSISTENCY_TOKENS,
  parseConsistencyToken,
  type ConsistencyToken,
} from '@seguridad-abc/contracts';
import { createBadUserInputError, createTextSealer } from '@seguridad-abc/platform';

/** Key of the consistency token in the `extensions` of a request and of a response. A request may have a list of tokens. */
export const CONSISTENCY_TOKEN_EXTENSION = 'consistencyToken';

/** What the consistency tokens of a request demand. */
export interface ReceivedConsistency {
  /** The latest of the tokens. */
  readonly requiredToken: ConsistencyToken | undefined;
  /**
   * Set if a token is of an earlier event log, or cannot be read because the installation secret or the format has changed since.
   * Such a token is not awaited. This is its age in milliseconds, or the least age that it can have.
   */
  readonly stalenessMs: number | undefined;
  /** Whether the client sent several tokens, or one that cannot be read. The response has one that replaces them. */
  readonly mustReplaceTokens: boolean;
}

/** Reads and writes consistency tokens as clients have them: sealed, so that they do not show positions of the event log. */
export interface ClientConsistencyTokens {
  /** Two sealed texts of one token differ: a client cannot see whether the event log has advanced. */
  readonly seal: (token: ConsistencyToken) => string;
  /**
   * Reads the tokens of a request: up to 16, in its `extensions` (a text or a list) and its header (separated by commas).
   * @returns undefined if it has none
   * @throws ExpectedError BAD_USER_INPUT if it has more, or if one of them is not a token of this installation
   */
  readonly read: (
    extensions: Readonly<Record<string, unknown>> | null | undefined,
    header?: string | readonly string[] | null,
  ) => ReceivedConsistency | undefined;
}

/** @param secret the installation secret, which all gateways share */
export function createClientConsistencyTokens(secret: string): ClientConsistencyTokens {
  const sealer = createTextSealer({
    secret,
    purpose: 'consistency token',
    maxBytes: MAX_CONSISTENCY_TOKEN_LENGTH,
    isDeterministic: false,
  });

  /** @returns undefined if it was issued before the installation secret or the format of tokens changed */
  const open = ({ path, text }: ReceivedToken): ConsistencyToken | undefined => {
    const opened = typeof text === 'string' ? sealer.open(text) : undefined;
    const token = opened && 'text' in opened ? parseConsistencyToken(opened.text) : undefined;
    if (token) return token;
    // Earlier versions issued the plain text. To wait for such a token would show how far the event log is.
    const isOutdated =
      parseConsistencyToken(text) !== undefined ||
      (opened && 'problem' in opened && opened.problem === 'other-key');
    if (isOutdated) return undefined;
    const message = `${path.join('.')} is not a consistency token. Use the token of a response, unchanged.`;
    throw createBadUserInputError([{ path, code: 'INVALID', message }]);
  };

  return {
    seal: (token) => sealer.seal(formatConsistencyToken(token)),

    read(extensions, header) {
      const extension = extensions?.[CONSISTENCY_TOKEN_EXTENSION];
      if (isAbsent(extension) && isAbsent(header)) return undefined;
      const headerTexts = typeof header === 'string' ? header.split(',') : header;
      const received = [
        ...listTokens(['extensions', CONSISTENCY_TOKEN_EXTENSION], extension),
        ...listTokens([CONSISTENCY_TOKEN_HEADER], headerTexts),
      ];
      assertTokenCount([CONSISTENCY_TOKEN_HEADER], received.length);
      return received.length === 0 ? undefined : combineTokens(received.map(open));
    },
  };
}

interface ReceivedToken {
  readonly path: readonly (string | number)[];
  readonly text: unknown;
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

function listTokens(path: readonly string[], value: unknown): ReceivedToken[] {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) return [{ path, text: value }];
  const texts: readonly unknown[] = value;
  assertTokenCount(path, texts.length);
  return texts
    .map((text, index) => ({
      path: texts.length === 1 ? path : [...path, index],
      text: typeof text === 'string' ? text.trim() : text,
    }))
    .filter(({ text }) => !isAbsent(text));
}

function assertTokenCount(path: readonly (string | number)[], count: number): void {
  if (count <= MAX_CONSISTENCY_TOKENS) return;
  const message =
    `A request may have ${MAX_CONSISTENCY_TOKENS} consistency tokens; this one has ${count}. ` +
    'Replace the tokens that a request has sent by the token of its response.';
  throw createBadUserInputError([{ path, code: 'OUT_OF_RANGE', message }]);
}

/** @param tokens undefined for each token that cannot be read */
function combineTokens(tokens: readonly (ConsistencyToken | undefined)[]): ReceivedConsistency {
  const requiredToken = tokens.reduce(getLaterConsistencyToken, undefined);
  const ages = tokens.flatMap((token) => {
    // It is older than this process, which has the present secret and format.
    if (!token) return [Math.floor(performance.now())];
    return token.logId === requiredToken?.logId ? [] : [Math.max(0, Date.now() - token.at)];
  });
  return {
    requiredToken,
    stalenessMs: ages.length > 0 ? Math.max(...ages) : undefined,
    mustReplaceTokens: tokens.length > 1 || ages.length > 0,
  };
}
