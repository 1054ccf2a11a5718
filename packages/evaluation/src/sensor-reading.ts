import type { OpeningState } from '@seguridad-abc/contracts';

/** One report of an opening's state. Instants are whole milliseconds since 1970, in all of this package. */
export interface SensorReading {
  /** Unique per opening. */
  readonly id: string;
  readonly state: OpeningState;
  readonly at: number;
}

/** The order of readings: by instant, then by id. */
export const compareReadings = (a: SensorReading, b: SensorReading): number =>
  a.at - b.at || compareCodePoints(a.id, b.id);

/** As UTF-8 sorts, and so SQLite; `<` on strings compares UTF-16 units, and puts U+10000 before U+FFFF. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates (of the code points above U+FFFF) behind all other units. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
