import type { IncomingHttpHeaders } from 'node:http';
import { CLIENT_ADDRESS_HEADER, type Actor, type DeviceState } from '@seguridad-abc/contracts';
import {
  createForbiddenError,
  createUnauthenticatedError,
  isDeviceAssertion,
  type AuditSummaries,
  type Caller,
  type DeviceIdentity,
  type ExpectedError,
  type IdentityService,
  type Logger,
} from '@seguridad-abc/platform';
import type { DeviceActivityRecorder } from './device-activity.js';

/** The verified sender of commands. */
export interface CommandSender {
  /** What the event log records. */
  readonly actor: Actor;
  /** The openings for which the sender may record readings. Undefined: all openings of the users that it may access. */
  readonly openings: readonly string[] | undefined;
}

export interface SenderAuthenticationOptions {
  readonly identity: Pick<IdentityService, 'authenticate'>;
  readonly deviceIdentity: Pick<DeviceIdentity, 'verifyAssertion'>;
  /** Reads the committed state of a device. */
  readonly findDevice: (id: string) => Promise<DeviceState | undefined>;
  readonly activity: Pick<DeviceActivityRecorder, 'recordRequest' | 'recordSignedRequest'>;
  /** Whether the token of a device may be bound to neither a registered device nor to openings. */
  readonly allowsUnboundDeviceTokens: boolean;
  /** Counts the refused senders for the audit trail. */
  readonly auditSummaries: Pick<AuditSummaries, 'record'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** What a refused device wanted, in the audit trail. */
const SIGN_IN_ACTION = 'signIn';

/** A device that is refused. */
interface RefusedDevice {
  /** The user of the device; null if it is unknown. */
  readonly userId: string | null;
  /** The id of the device, if it named one. */
  readonly deviceId: string | null;
}

/**
 * Creates the function that authenticates the sender of a request by its `Authorization` header: a token, or the gateway's
 * assertion about a signed request. Existence, revocation and openings of a device are read for each request, so a
 * revocation takes effect at once, on each instance of monitoring.
 */
export function createSenderAuthentication(options: SenderAuthenticationOptions) {
  const { identity, deviceIdentity, findDevice, activity, allowsUnboundDeviceTokens } = options;
  const { auditSummaries, logger } = options;

  /** The gateway records no refusals of monitoring, and no command records these: none has begun. */
  const recordRefusal = (
    error: ExpectedError,
    { userId, deviceId }: RefusedDevice,
    headers: IncomingHttpHeaders,
  ): ExpectedError => {
    const address = headers[CLIENT_ADDRESS_HEADER];
    auditSummaries.record({
      action: SIGN_IN_ACTION,
      outcome: error.extensions.code,
      role: 'device',
      actor: userId,
      ...(deviceId !== null && { device: deviceId }),
      address: typeof address === 'string' ? address : null,
      userId,
      subject: deviceId,
    });
    return error;
  };

  const getActiveDevice = async (id: string, headers: IncomingHttpHeaders): Promise<DeviceState> => {
    const device = await findDevice(id);
    if (device?.revokedAt === null) return device;
    logger.warn(
      { device: id, revokedAt: device?.revokedAt },
      'a request of an unknown or revoked device was refused',
    );
    throw recordRefusal(
      createUnauthenticatedError(
        'The device is not registered, or it is revoked. Ask an operator to register it again.',
      ),
      { userId: device?.userId ?? null, deviceId: id },
      headers,
    );
  };

  const authenticateSignedRequest = async (
    assertion: string,
    headers: IncomingHttpHeaders,
  ): Promise<CommandSender> => {
    const request = await deviceIdentity.verifyAssertion(assertion);
    const device = await getActiveDevice(request.deviceId, headers);
    activity.recordSignedRequest(request, device.userId);
    return toSender(device);
  };

  const toSenderOfDeviceToken = async (
    { id, openings }: Caller,
    deviceId: string,
    headers: IncomingHttpHeaders,
  ): Promise<CommandSender> => {
    const device = await getActiveDevice(deviceId, headers);
    if (device.userId !== id) {
      throw recordRefusal(
        createUnauthenticatedError(
          'The token is for a device of another user. Request a token for the user of the device.',
        ),
        { userId: id, deviceId },
        headers,
      );
    }
    activity.recordRequest(device);
    return narrowOpenings(toSender(device), openings);
  };

  const toSenderOfToken = (
    caller: Caller,
    headers: IncomingHttpHeaders,
  ): CommandSender | Promise<CommandSender> => {
    const { id, role, device: deviceId, openings } = caller;
    const actor: Actor = { id, role };
    if (role !== 'device') return { actor, openings: undefined };
    if (deviceId !== undefined) return toSenderOfDeviceToken(caller, deviceId, headers);
    if (openings === undefined && !allowsUnboundDeviceTokens) {
      throw recordRefusal(
        createForbiddenError(
          'The token of this device is bound to no openings. Request a token with the claim `device` or `openings`, or set DEVICE_TOKENS=any.',
        ),
        { userId: id, deviceId: null },
        headers,
      );
    }
    return { actor, openings };
  };

  return (authorization: unknown, headers: IncomingHttpHeaders): CommandSender | Promise<CommandSender> => {
    if (isDeviceAssertion(authorization)) return authenticateSignedRequest(authorization, headers);
    const caller = identity.authenticate(authorization);
    return caller instanceof Promise
      ? caller.then((verified) => toSenderOfToken(verified, headers))
      : toSenderOfToken(caller, headers);
  };
}

const toSender = ({ id, userId, openings }: DeviceState): CommandSender => ({
  actor: { id: userId, role: 'device', device: id },
  openings: openings ?? undefined,
});

/** A token can be bound to fewer openings than its device, never to more. */
const narrowOpenings = (sender: CommandSender, claimed: readonly string[] | undefined): CommandSender =>
  claimed === undefined
    ? sender
    : { ...sender, openings: sender.openings?.filter((name) => claimed.includes(name)) ?? claimed };
