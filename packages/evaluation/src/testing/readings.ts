import type { SensorReading } from '../sensor-reading.js';

/** `5+`: opened at 5; `9-`: closed at 9; what follows only tells ids apart. */
export type Written = `${number}${'+' | '-'}${string}`;

/** The reading that a text stands for, with the text as its id. */
export const reading = (text: Written): SensorReading => ({
  id: text,
  state: text.includes('+') ? 'OPEN' : 'CLOSED',
  at: Number.parseInt(text, 10),
});
