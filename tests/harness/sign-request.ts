import { createHmac } from 'node:crypto';

/** Which device signs a request, when, and how its body is sent. */
export interface DeviceSignatureOptions {
  readonly device: { readonly id: string };
  readonly key: string;
  /** In seconds since 1970. @default now */
  readonly signedAt?: number;
}

/** The headers of a request that a device signs, as docs/devices.md describes them. */
export function signRequest(
  body: string | Uint8Array,
  { device, key, signedAt = Math.floor(Date.now() / 1_000) }: DeviceSignatureOptions,
): Record<string, string> {
  const digest = createHmac('sha256', key).update(`${signedAt}.`).update(body).digest('hex');
  return {
    'content-type': 'application/json',
    'x-abc-device': device.id,
    'x-abc-signature': `t=${signedAt},v1=${digest}`,
  };
}
