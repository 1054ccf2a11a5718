/**
 * The instant at which a silence begins for a rule. It identifies the alarm of the silence, together with rule and kind.
 * @param readingAt the instant of the last reading before the silence; -Infinity if there is none
 * @param ruleBeginsAt the beginning of the rule's first version
 */
export const getSilenceStart = (readingAt: number, ruleBeginsAt: number): number =>
  Math.max(readingAt, ruleBeginsAt);
