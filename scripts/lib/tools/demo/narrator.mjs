/** Wide enough for the seconds of a minute. */
const WIDTH = 6;

/**
 * Tells what happens, each with the time since the beginning.
 *
 * @param {{ write: (line: string) => void, now?: () => number }} options
 */
export function createNarrator({ write, now = () => performance.now() }) {
  const began = now();
  const seconds = () => ((now() - began) / 1_000).toFixed(1);
  return {
    seconds,
    /** @param {string} text of a line or more */
    tell(text) {
      const [first = '', ...others] = text.split('\n');
      const margin = ' '.repeat(WIDTH + 4);
      write(
        [`${seconds().padStart(WIDTH)} s  ${first}`, ...others.map((line) => `${margin}${line}`)].join('\n'),
      );
    },
  };
}

/** @typedef {ReturnType<typeof createNarrator>} Narrator */
