const HOUR = 3_600_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}

/** What the clocks of a zone show at an instant, written as the instant at which UTC shows it. */
export function wallClockOf(zone: string, instant: number): number {
  const [month = 0, day, year = 0, hour, minute, second] = formatOf(zone)
    .format(instant)
    .split(/[^0-9]+/)
    .map(Number);
  const milliseconds = ((instant % 1_000) + 1_000) % 1_000;
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
}

const found = new Map<string, number>();

/**
 * The instant at which the clocks of a zone show a time. Shown twice: the first. Never shown: as far after the last
 * instant before the gap as it would be without the gap.
 */
export function instantOf(zone: string, wallClock: number): number {
  const key = `${zone} ${wallClock}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const instant = search(zone, wallClock);
  if (found.size > 100_000) found.clear();
  found.set(key, instant);
  return instant;
}

function search(zone: string, wallClock: number): number {
  const offsets = new Set<number>();
  let offsetBefore = 0;
  for (let hour = -36; hour <= 36; hour++) {
    const probe = wallClock + hour * HOUR;
    const shown = wallClockOf(zone, probe);
    offsets.add(shown - probe);
    if (shown < wallClock) offsetBefore = shown - probe;
  }
  const showing = [...offsets]
    .map((offset) => wallClock - offset)
    .filter((instant) => wallClockOf(zone, instant) === wallClock);
  return showing.length > 0 ? Math.min(...showing) : wallClock - offsetBefore;
}
