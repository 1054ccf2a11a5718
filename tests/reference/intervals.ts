export interface Reading {
  readonly id: string;
  readonly state: 'OPEN' | 'CLOSED';
  readonly at: number;
}

export interface Interval {
  readonly startId: string;
  readonly start: number;
  /** Infinity while it is open. */
  readonly end: number;
}

/** All intervals of one opening from all of its readings. */
export function intervals(readings: readonly Reading[]): Interval[] {
  const once = readings.filter((one, index) => readings.findIndex(({ id }) => id === one.id) === index);
  const instants = [...new Set(once.map(({ at }) => at))].sort((a, b) => a - b);
  const made: Interval[] = [];
  let current: Reading | null = null;
  for (const instant of instants) {
    const then = once.filter(({ at }) => at === instant).sort((a, b) => (utf8(a.id) < utf8(b.id) ? -1 : 1));
    const opened = then.filter(({ state }) => state === 'OPEN');
    const closed = then.filter(({ state }) => state === 'CLOSED');
    const order: Reading[] = current ? [...closed, ...opened] : [...opened, ...closed];
    for (const reading of order) {
      if (reading.state === 'OPEN') {
        current ??= reading;
      } else if (current) {
        made.push({ startId: current.id, start: current.at, end: instant });
        current = null;
      }
    }
  }
  if (current) made.push({ startId: current.id, start: current.at, end: Infinity });
  return made;
}

const utf8 = (text: string) => Buffer.from(text).toString('hex');
