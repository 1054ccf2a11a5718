import {
  MAX_DEVICE_NAME_LENGTH,
  MAX_OPENINGS_PER_DEVICE,
  type DeviceEvent,
  type DeviceState,
} from '@seguridad-abc/contracts';
import {
  checkOpeningNames,
  checkOwnerUserId,
  checkText,
  combineCheckResults,
  createValidResult,
} from '@seguridad-abc/evaluation';
import {
  accept,
  getLaterInstant,
  rejectInput,
  rejectNotFound,
  rejectUnlessOperator,
  type CommandContext,
  type Decision,
} from './decision.js';

export interface RegisterDeviceCommand {
  readonly userId: string;
  /** Null or absent: all openings of the user. */
  readonly openings?: readonly string[] | null | undefined;
  readonly name: string;
}

export interface RevokeDeviceCommand {
  readonly id: string;
}

const OPERATORS_ONLY = 'Only an operator may register and revoke devices. Ask one to do it.';

/** Decides `registerDevice`. The openings need not exist: a device can be registered before its first reading. */
export function decideRegisterDevice(
  id: string,
  command: RegisterDeviceCommand,
  { caller, now }: CommandContext,
): Decision<DeviceEvent> {
  const forbidden = rejectUnlessOperator(caller, OPERATORS_ONLY);
  if (forbidden) return forbidden;
  const { openings = null } = command;
  const checked = combineCheckResults<Pick<DeviceState, 'userId' | 'openings' | 'name'>>({
    userId: checkOwnerUserId(caller, command.userId),
    openings:
      openings === null ? createValidResult(null) : checkOpeningNames(openings, MAX_OPENINGS_PER_DEVICE),
    name: checkText('name', command.name, MAX_DEVICE_NAME_LENGTH),
  });
  if ('faults' in checked) return rejectInput(checked.faults);
  const device: DeviceState = {
    id,
    ...checked.value,
    createdAt: now,
    revokedAt: null,
    updatedAt: now,
    version: 1,
  };
  return accept<DeviceEvent>({ type: 'DeviceRegistered', version: 1, data: { device } });
}

/** Decides `revokeDevice`. To revoke a device again changes nothing. */
export function decideRevokeDevice(
  device: DeviceState | undefined,
  { caller, now }: CommandContext,
): Decision<DeviceEvent> {
  const forbidden = rejectUnlessOperator(caller, OPERATORS_ONLY);
  if (forbidden) return forbidden;
  if (!device) return rejectNotFound('device');
  if (device.revokedAt !== null) return accept();
  const revoked: DeviceState = {
    ...device,
    revokedAt: now,
    updatedAt: getLaterInstant(now, device.updatedAt),
    version: device.version + 1,
  };
  return accept<DeviceEvent>({ type: 'DeviceRevoked', version: 1, data: { device: revoked } });
}

/** An event carries the complete new state of the device. */
export const evolveDevice = (_device: DeviceState | undefined, event: DeviceEvent): DeviceState =>
  event.data.device;
