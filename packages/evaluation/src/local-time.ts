const LOCAL_TIME = /^((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?$/;

/**
 * Reads a wall-clock time, `HH:mm` or `HH:mm:ss`, 00:00 to 23:59:59.
 * @returns `HH:mm`, with seconds only where they are not 0, or undefined where the text is none
 */
export function parseLocalTime(text: string): string | undefined {
  const match = LOCAL_TIME.exec(text);
  if (!match) return undefined;
  const [, time = '', seconds = ''] = match;
  return seconds === ':00' ? time : time + seconds;
}
