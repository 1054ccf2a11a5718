/** A terminal's line is renewed this often; elsewhere a line of its own is written this often. */
const RENEW_MS = 100;
const LINE_MS = 5_000;

/**
 * Tells on stderr how far long work is: on a terminal in one line that renews itself, elsewhere in few lines.
 *
 * @param {object} [options]
 * @param {Pick<NodeJS.WriteStream, 'write' | 'isTTY'>} [options.stream]
 * @param {() => number} [options.now]
 */
export function createProgress({ stream = process.stderr, now = () => performance.now() } = {}) {
  const every = stream.isTTY ? RENEW_MS : LINE_MS;
  let last = stream.isTTY ? -Infinity : now();
  let shown = false;
  return {
    /** @param {string} text */
    update(text) {
      if (now() - last < every) return;
      last = now();
      shown = true;
      stream.write(stream.isTTY ? `\r\u001B[2K${text}` : `${text}\n`);
    },
    /** Takes the terminal's line away again. */
    end() {
      if (stream.isTTY && shown) stream.write('\r\u001B[2K');
      shown = false;
    },
  };
}
