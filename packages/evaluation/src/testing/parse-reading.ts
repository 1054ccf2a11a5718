import type { SensorReading } from '../opening-intervals.js';

/** A reading in short: `5+` opens at 5, `9-` closes at 9. Further characters only distinguish ids. */
export type ReadingText = `${number}${'+' | '-'}${string}`;

/** Parses a reading in short form. Its id is the text. */
export const parseReading = (text: ReadingText): SensorReading => ({
  id: text,
  state: text.includes('+') ? 'OPEN' : 'CLOSED',
  at: Number.parseInt(text, 10),
});
