// WebSocket frames as RFC 6455 describes them, so that an attacker can send what no library sends.

/** First bits of a frame. */
export const FRAME_KINDS = /** @type {const} */ ({ continuation: 0x0, text: 0x1, ping: 0x9 });

const FINAL_BIT = 0x80;
const MASK_BIT = 0x80;
const MAX_SHORT_LENGTH = 125;
const LENGTH_OF_16_BITS = 126;
/** A payload that is masked with zeros stays as it is. */
const ZERO_MASK = Buffer.alloc(4);

/**
 * @param {number} kind see {@link FRAME_KINDS}
 * @param {Buffer} payload at most 65,535 bytes
 * @param {boolean} [isFinal] whether the message ends with this frame
 */
export function createFrame(kind, payload, isFinal = true) {
  const first = kind | (isFinal ? FINAL_BIT : 0);
  const isShort = payload.length <= MAX_SHORT_LENGTH;
  const head = isShort
    ? Buffer.from([first, MASK_BIT | payload.length])
    : Buffer.from([first, MASK_BIT | LENGTH_OF_16_BITS, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, ZERO_MASK, payload]);
}

/** The request that opens a WebSocket. @param {string} host */
export const createHandshake = (host) =>
  Buffer.from(
    `GET /graphql HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n` +
      `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`,
  );
