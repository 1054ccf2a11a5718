import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { SIGNATURE_HEADER } from '@seguridad-abc/contracts';
import {
  AUTHORIZATION_HEADER,
  CORRELATION_ID_HEADER,
  createForbiddenError,
  createLineLimit,
  createUnauthenticatedError,
  ExpectedError,
  hasAuthorization,
  type Caller,
  type DeviceIdentity,
  type Logger,
} from '@seguridad-abc/platform';
import { parseRequestSignature } from './request-signature.js';

/** The audit trail counts all refusals. */
const MAX_LOG_LINES_PER_MINUTE = 60;

/** The device that signed a request, and the headers by which monitoring verifies that itself. */
export interface SignedRequestCredentials {
  /** The id of the device stands for that of its user, which the gateway does not know. */
  readonly caller: Caller;
  readonly headers: Readonly<Record<string, string>>;
  /** Names the device among all callers: it has a share of the gateway. */
  readonly identityKey: string;
}

/** A request with a signature that is not verified yet. */
export interface SignedRequest {
  /** The device that the request names. */
  readonly deviceId: string;
  /**
   * Verifies the signature over the bytes of the body.
   * @throws ExpectedError TAMPERED
   */
  readonly verifyBody: (body: Uint8Array) => Promise<SignedRequestCredentials>;
}

/** Authenticates requests that a device signs instead of sending a token. */
export interface SignedRequests {
  /**
   * Judges the headers of a signed request, before its body is read.
   * @param clientAddress for the log
   * @returns undefined if the request is not signed
   * @throws ExpectedError UNAUTHENTICATED if the headers are malformed; REPLAYED if the signature is too old
   */
  open(headers: IncomingHttpHeaders, clientAddress: string): SignedRequest | undefined;
}

export interface SignedRequestsOptions {
  readonly deviceIdentity: Pick<DeviceIdentity, 'isSignedBy' | 'issueAssertion'>;
  /** Headers that identify the gateway to subgraphs. */
  readonly installationHeaders: Readonly<Record<string, string>>;
  /** How much the time of a signature may differ from the clock of this machine, in seconds. */
  readonly maxAgeSeconds: number;
  /** Returns the current instant in ms since 1970. */
  readonly now: () => number;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Creates the authentication of signed requests. It needs no database: keys are derived from the installation secret. It
 * proves that the key of a device made the signature. Monitoring decides whether the device exists, is revoked, and may
 * record the readings.
 */
export function createSignedRequests(options: SignedRequestsOptions): SignedRequests {
  const { deviceIdentity, installationHeaders, maxAgeSeconds, now, logger } = options;
  const lineLimit = createLineLimit(MAX_LOG_LINES_PER_MINUTE, () => performance.now());

  return {
    open(headers, clientAddress) {
      if (headers[SIGNATURE_HEADER] === undefined) return undefined;
      if (hasAuthorization(headers[AUTHORIZATION_HEADER])) {
        throw createUnauthenticatedError(
          'The request has a token and a signature. Send one of them: Authorization, or x-abc-signature.',
        );
      }
      const signature = parseRequestSignature(headers);
      if (!signature) throw createMalformedSignatureError();
      const { deviceId, signedAt, digest } = signature;
      const refuse = (code: string, message: string) => {
        const omittedLines = lineLimit.takeLine();
        if (omittedLines !== undefined) {
          const correlationId = headers[CORRELATION_ID_HEADER];
          logger.warn(
            {
              device: deviceId,
              signedAt,
              code,
              clientAddress,
              correlationId,
              ...(omittedLines > 0 && { omittedLines }),
            },
            'a signed request was refused',
          );
        }
        return new ExpectedError(code, message);
      };
      if (Math.abs(now() / 1_000 - signedAt) > maxAgeSeconds) {
        const message = `The signature is more than ${maxAgeSeconds} s old, or as far in the future. Check the clock of the device and sign the request again.`;
        throw refuse('REPLAYED', message);
      }
      const verifyBody = async (body: Uint8Array): Promise<SignedRequestCredentials> => {
        if (!deviceIdentity.isSignedBy(deviceId, signedAt, body, digest)) {
          const message =
            'The signature does not match the body. Sign "<t>.<body>" with the key of this device, over the bytes as they are sent.';
          throw refuse('TAMPERED', message);
        }
        const bodyHash = createHash('sha256').update(body).digest('base64url');
        const authorization = await deviceIdentity.issueAssertion({ deviceId, signedAt, bodyHash });
        return {
          caller: { id: deviceId, role: 'device', device: deviceId, expiresAt: Infinity },
          headers: { ...installationHeaders, [AUTHORIZATION_HEADER]: authorization },
          identityKey: `signed device:${deviceId}`,
        };
      };
      return { deviceId, verifyBody };
    },
  };
}

const createMalformedSignatureError = () =>
  createUnauthenticatedError(
    'The signature is malformed. Send the headers x-abc-device: <device id> and x-abc-signature: t=<Unix time in seconds>,v1=<64 hex digits>.',
  );

/** The only root field of a signed operation. */
const SIGNED_ROOT_FIELD = 'recordReadings';

/**
 * Checks the operation of a signed request. One command for each signature: its repetition is then a repetition of the command.
 * @param rootFields names of the operation's root fields, including those in fragments
 * @throws ExpectedError FORBIDDEN
 */
export function assertSignedOperation(rootFields: readonly string[]): void {
  if (rootFields.length === 1 && rootFields[0] === SIGNED_ROOT_FIELD) return;
  throw createForbiddenError('A signed request may contain one recordReadings field and no other field.');
}
