import {
  CONSISTENCY_HEADER,
  laterConsistencyToken,
  parseConsistencyToken,
  type ConsistencyToken,
} from '@seguridad-abc/contracts';
import { badUserInputError } from '@seguridad-abc/platform';

/** Among the `extensions` of an operation and of its answer. */
export const EXTENSION = 'consistencyToken';

/**
 * The token that an operation brings, among its `extensions` or in the value of the header; of both, the later state.
 * @throws ExpectedError BAD_USER_INPUT for anything else in its place
 */
export const readToken = (
  extensions: Readonly<Record<string, unknown>> | null | undefined,
  header?: string | readonly string[] | null,
): ConsistencyToken | undefined =>
  laterConsistencyToken(
    read(extensions?.[EXTENSION], ['extensions', EXTENSION]),
    read(header, [CONSISTENCY_HEADER]),
  );

function read(text: unknown, path: readonly string[]): ConsistencyToken | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  const token = parseConsistencyToken(text);
  if (token) return token;
  const message = `${path.join('.')} must be a token that the answer of a command brought.`;
  throw badUserInputError([{ path, code: 'INVALID', message }]);
}
