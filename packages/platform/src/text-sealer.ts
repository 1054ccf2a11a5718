import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/** The content of a sealed text, or why it cannot be read. */
export type OpenedText =
  | { readonly text: string }
  /**
   * `other-key`: it was sealed with another installation secret, or by a version with another format. `invalid`: it was
   * sealed for another purpose, was changed, or is not a sealed text.
   */
  | { readonly problem: 'other-key' | 'invalid' };

/** Encrypts texts that clients keep and send back, such as cursors. Clients can neither read nor change them. */
export interface TextSealer {
  /** @returns letters, digits, `-` and `_` (base64url) */
  readonly seal: (text: string) => string;
  readonly open: (sealed: string) => OpenedText;
}

export interface TextSealerOptions {
  /** The secret that all processes of the installation share. */
  readonly secret: string;
  /** Each purpose has its own keys: a text that was sealed for one purpose cannot be opened for another. */
  readonly purpose: string;
  /**
   * Texts of up to this many bytes (UTF-8) have sealed texts of one length. The sealed text of a longer one shows only how many times
   * longer it is.
   */
  readonly maxBytes: number;
  /**
   * Whether equal texts have equal sealed texts, as the cursors of a list do: caches of clients compare them. Otherwise
   * each sealed text is different, and two of them do not show whether their content is equal.
   */
  readonly isDeterministic: boolean;
}

const KEY_BYTES = 32;
/** The first bytes of a sealed text identify the secret and the format. They are equal in all sealed texts. */
const KEY_ID_BYTES = 3;
const SYNTHETIC_IV_BYTES = 16;
const HEADER_BYTES = KEY_ID_BYTES + SYNTHETIC_IV_BYTES;
const SALT_BYTES = 16;
/** The first byte after the text (ISO/IEC 7816-4). The bytes up to the full length are zero. */
const PADDING_START = 0x80;
/** More than any sealed text of this product has. A longer text is not decoded. */
const MAX_SEALED_LENGTH = 8_192;
/** Part of the key derivation: a sealed text of another format then counts as sealed with another key. */
const FORMAT = 'v1';

/**
 * Creates a sealer. It uses deterministic authenticated encryption (SIV, https://www.rfc-editor.org/rfc/rfc5297) with
 * HMAC-SHA-256 and AES-256-CTR: the HMAC of the padded text is both the initialization vector and the authentication tag.
 * Node.js has no cipher with this mode. Unlike AES-GCM, it does not become insecure if a random value is used twice. The
 * keys are derived from the secret by HKDF, two for each purpose.
 */
export function createTextSealer({
  secret,
  purpose,
  maxBytes,
  isDeterministic,
}: TextSealerOptions): TextSealer {
  const derive = (info: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, '', `seguridad-abc sealed text ${FORMAT} ${info}`, bytes));
  const keyId = derive('key id', KEY_ID_BYTES);
  const macKey = createSecretKey(derive(`authentication: ${purpose}`, KEY_BYTES));
  const cipherKey = createSecretKey(derive(`encryption: ${purpose}`, KEY_BYTES));
  const saltBytes = isDeterministic ? 0 : SALT_BYTES;
  const blockBytes = maxBytes + 1;

  const deriveIv = (content: Buffer) =>
    createHmac('sha256', macKey).update(content).digest().subarray(0, SYNTHETIC_IV_BYTES);
  const isContentLength = (length: number) => length > 0 && length % blockBytes === 0;

  return {
    seal(text) {
      const textBytes = Buffer.byteLength(text);
      const content = Buffer.alloc(saltBytes + blockBytes * Math.ceil((textBytes + 1) / blockBytes));
      if (saltBytes > 0) randomBytes(saltBytes).copy(content);
      content.write(text, saltBytes);
      content[saltBytes + textBytes] = PADDING_START;
      const iv = deriveIv(content);
      const encrypted = createCipheriv('aes-256-ctr', cipherKey, iv).update(content);
      return Buffer.concat([keyId, iv, encrypted]).toString('base64url');
    },

    open(sealed) {
      if (sealed.length > MAX_SEALED_LENGTH) return { problem: 'invalid' };
      const bytes = Buffer.from(sealed, 'base64url');
      // A decoder ignores foreign characters and unused bits. Each sealed text has one spelling only.
      if (!isContentLength(bytes.length - HEADER_BYTES - saltBytes) || bytes.toString('base64url') !== sealed)
        return { problem: 'invalid' };
      if (!keyId.equals(bytes.subarray(0, KEY_ID_BYTES))) return { problem: 'other-key' };
      const iv = bytes.subarray(KEY_ID_BYTES, HEADER_BYTES);
      const content = createDecipheriv('aes-256-ctr', cipherKey, iv).update(bytes.subarray(HEADER_BYTES));
      if (!timingSafeEqual(iv, deriveIv(content))) return { problem: 'invalid' };
      return { text: content.toString('utf8', saltBytes, content.lastIndexOf(PADDING_START)) };
    },
  };
}
