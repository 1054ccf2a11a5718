import { badUserInputError } from '@seguridad-abc/platform';

/** Up to where a client has heard of what is in monitoring's log. */
export interface LogCursor {
  readonly logId: string;
  readonly position: number;
}

const FORM = /^l1\.(\d{1,15})\.([\w-]{1,64})$/;

export const formatLogCursor = ({ logId, position }: LogCursor): string => `l1.${position}.${logId}`;

/** @throws ExpectedError BAD_USER_INPUT */
export function readLogCursor(text: string): LogCursor {
  const [, position, logId] = FORM.exec(text) ?? [];
  if (logId !== undefined) return { logId, position: Number(position) };
  const message = 'after must be the cursor of a payload of this subscription.';
  throw badUserInputError([{ path: ['after'], code: 'INVALID', message }]);
}
