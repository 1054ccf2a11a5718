/** The end of what a program said is where it says why it ended. */
const KEPT_LINES = 20;

/**
 * What a program writes before it is ready, and a quiet one ever, is held back: if it ends, that may be why.
 *
 * @param {(line: string) => void} tell
 */
export function createWords(tell) {
  /** @type {string[]} */
  let held = [];
  return {
    /** @type {(line: string) => void} */
    hold: (line) => {
      held.push(line);
      if (held.length > KEPT_LINES) held.shift();
    },
    /** Tells what was held back. */
    release() {
      for (const line of held) tell(line);
      held = [];
    },
    /** Takes what was held back. */
    take() {
      const text = held.join('\n');
      held = [];
      return text;
    },
  };
}
