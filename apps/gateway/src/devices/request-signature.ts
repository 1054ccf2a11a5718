import type { IncomingHttpHeaders } from 'node:http';
import { DEVICE_HEADER, SIGNATURE_HEADER } from '@seguridad-abc/contracts';

/** The signature of a request as its headers state it. Nothing of it is verified. */
export interface RequestSignature {
  readonly deviceId: string;
  /** When the device signed, in seconds since 1970. */
  readonly signedAt: number;
  /** HMAC-SHA256 over `<time>.<body>`. */
  readonly digest: Uint8Array;
}

/** Ids are chosen by the server, so that they are safe in a log. */
const DEVICE_ID = /^[\w-]{1,64}$/;
/** `t=<Unix time in seconds>,v1=<hex>`. The time has no leading zero: the text that was signed is unambiguous. */
const SIGNATURE = /^t=([1-9]\d{0,11}), ?v1=([0-9a-f]{64})$/i;

/** Reads the headers of a signed request. @returns undefined if one of them is missing or malformed */
export function parseRequestSignature(headers: IncomingHttpHeaders): RequestSignature | undefined {
  const deviceId = headers[DEVICE_HEADER];
  const signature = headers[SIGNATURE_HEADER];
  if (typeof deviceId !== 'string' || typeof signature !== 'string') return undefined;
  const [, signedAt, digest] = SIGNATURE.exec(signature) ?? [];
  if (signedAt === undefined || digest === undefined || !DEVICE_ID.test(deviceId)) return undefined;
  return { deviceId, signedAt: Number(signedAt), digest: Buffer.from(digest, 'hex') };
}
