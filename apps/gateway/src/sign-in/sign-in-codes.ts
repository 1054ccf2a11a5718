import { createHash, randomBytes } from 'node:crypto';
import type { Actor } from '@seguridad-abc/contracts';

const CODE_BYTES = 32; // 256 bits
/** How long a link works. */
export const SIGN_IN_LINK_LIFETIME_MS = 600_000; // 10 minutes
/** Maximum number of unused codes. Only processes of the installation create codes, so the oldest are dropped. */
const MAX_PENDING_CODES = 20;

/** Who signs in with a link. */
export type SignInCaller = Pick<Actor, 'id' | 'role'>;

/** One-time codes, each bound to the origin of the page that may use it, and to a caller. */
export interface SignInCodes {
  /** Creates a code. Only its hash is kept. */
  create(origin: string, caller: SignInCaller): string;
  /**
   * Uses up a code.
   * @returns as whom a page of `origin` may sign in; undefined if it may not
   */
  redeem(code: string, origin: string): SignInCaller | undefined;
}

/** @param now a monotonic clock in ms */
export function createSignInCodes(now: () => number = () => performance.now()): SignInCodes {
  /** By hash, in the order of their creation. */
  const pending = new Map<
    string,
    { readonly origin: string; readonly caller: SignInCaller; readonly expiresAt: number }
  >();

  return {
    create(origin, caller) {
      const code = randomBytes(CODE_BYTES).toString('base64url');
      for (const [hash, { expiresAt }] of pending) {
        if (expiresAt <= now() || pending.size >= MAX_PENDING_CODES) pending.delete(hash);
      }
      pending.set(hashCode(code), { origin, caller, expiresAt: now() + SIGN_IN_LINK_LIFETIME_MS });
      return code;
    },
    redeem(code, origin) {
      // The lookup by hash takes the same time for every wrong code, so that its duration says nothing about a right one.
      const hash = hashCode(code);
      const found = pending.get(hash);
      // A link that was opened under another name of the same host stays usable.
      if (found?.origin !== origin) return undefined;
      pending.delete(hash);
      return now() < found.expiresAt ? found.caller : undefined;
    },
  };
}

const hashCode = (code: string): string => createHash('sha256').update(code).digest('base64');
