import { createHash } from 'node:crypto';

/** Features that no page of the gateway uses. */
const PERMISSIONS_POLICY = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'publickey-credentials-get',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ');

/**
 * Creates the security headers of a page: what the directives of its
 * [Content-Security-Policy](https://www.w3.org/TR/CSP3/) do not list is blocked, no other page may frame it or hold a
 * reference to its window, and links reveal nothing about it.
 * @param directives such as `script-src 'self'`
 * @param overrides replaces or adds headers
 */
export const createPageHeaders = (
  directives: readonly string[],
  overrides: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  'content-security-policy': [
    "default-src 'none'",
    ...directives,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': PERMISSIONS_POLICY,
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
  ...overrides,
});

/** The source of a Content-Security-Policy that allows an inline element with exactly this text. */
export const hashForPolicy = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
