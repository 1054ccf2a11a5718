import { createCodedError } from '@seguridad-abc/executor';
import { createBadUserInputError, createTextSealer, type TextSealerOptions } from '@seguridad-abc/platform';

/** The cursors of one subscription field as clients have them: sealed. */
export interface SubscriptionCursors {
  readonly seal: (content: string) => string;
  /**
   * @returns the content of a cursor
   * @throws ExpectedError BAD_USER_INPUT if the text is not a cursor of this subscription; CURSOR_TOO_OLD if it was issued
   * before the installation secret or the format of cursors changed
   */
  readonly open: (cursor: string) => string;
}

/** Earlier versions issued plain cursors. */
const PLAIN_CURSOR = /^[hl]1\./;

/** @param field the subscription field: a cursor of another one is invalid */
export function createSubscriptionCursors(
  field: string,
  options: Omit<TextSealerOptions, 'purpose'>,
): SubscriptionCursors {
  const sealer = createTextSealer({ ...options, purpose: `cursor of ${field}` });
  return {
    seal: sealer.seal,
    open(cursor) {
      const opened = sealer.open(cursor);
      if ('text' in opened) return opened.text;
      if (opened.problem === 'other-key' || PLAIN_CURSOR.test(cursor))
        throw createCursorTooOldError('The cursor was issued before the keys of this installation changed.');
      throw createInvalidCursorError();
    },
  };
}

/** Creates the error after which a client subscribes again without a cursor. */
export const createCursorTooOldError = (reason: string) =>
  createCodedError('CURSOR_TOO_OLD', `${reason} Subscribe again without a cursor.`);

/** Creates the error for a text that this subscription never issued. */
export function createInvalidCursorError() {
  const message = 'after is not a cursor of this subscription. Use extensions.cursor of one of its payloads.';
  return createBadUserInputError([{ path: ['after'], code: 'INVALID', message }]);
}
