/** Before the position; another form of cursor would begin otherwise. */
const FORM = 'rule:';

/** A place in every list of rules: what it stands at keeps it when rules come and go. */
export const toCursor = (position: number): string =>
  Buffer.from(FORM + String(position)).toString('base64url');

/** @returns the position, or undefined where the text is no cursor that `toCursor` writes */
export function fromCursor(cursor: string): number | undefined {
  const match = /^rule:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) return undefined;
  const position = Number(match[1]);
  return toCursor(position) === cursor ? position : undefined;
}
