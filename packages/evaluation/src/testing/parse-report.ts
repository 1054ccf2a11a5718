import type { SignalReport } from '../signal-intervals.js';

/** A report in short: `5+` begins at 5, `9-` ends at 9. Further characters only distinguish ids. */
export type ReportText = `${number}${'+' | '-'}${string}`;

/** Parses a report in short form. Its id is the text. */
export const parseReport = (text: ReportText): SignalReport => ({
  id: text,
  value: text.includes('+'),
  at: Number.parseInt(text, 10),
});
