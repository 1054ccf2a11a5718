import type { Actor, DeviceEvent, DeviceState } from '@seguridad-abc/contracts';
import {
  executeCommand,
  type IdempotentInput,
  type TransactionalAggregateRepository,
} from '../commands/execute-command.js';
import {
  decideRegisterDevice,
  decideRevokeDevice,
  type RegisterDeviceCommand,
  type RevokeDeviceCommand,
} from '../domain/device-decisions.js';

export type DeviceRepository = TransactionalAggregateRepository<DeviceState, DeviceEvent>;

/** A new device and the key with which it signs. */
export interface RegisteredDevice {
  readonly device: DeviceState;
  readonly key: string;
}

/** Each command throws an ExpectedError if it is rejected. */
export interface DeviceCommands {
  /** A repetition with the same idempotency key returns the same key. It is never stored. */
  registerDevice(caller: Actor, input: IdempotentInput<RegisterDeviceCommand>): Promise<RegisteredDevice>;
  revokeDevice(caller: Actor, input: IdempotentInput<RevokeDeviceCommand>): Promise<DeviceState>;
}

export interface DeviceCommandsOptions {
  /** Creates ids that sort by time and cannot be guessed. */
  readonly createId: () => string;
  /** Derives the key of a device from its id. */
  readonly deriveKey: (deviceId: string) => string;
}

export const createDeviceCommands = (
  devices: DeviceRepository,
  { createId, deriveKey }: DeviceCommandsOptions,
): DeviceCommands => ({
  async registerDevice(caller, input) {
    const id = createId();
    const device = await executeCommand(devices, 'registerDevice', input, {
      id,
      caller,
      userId: input.userId,
      decide: (_, context) => decideRegisterDevice(id, input, context),
    });
    return { device, key: deriveKey(device.id) };
  },
  revokeDevice: (caller, input) =>
    executeCommand(devices, 'revokeDevice', input, {
      id: input.id,
      caller,
      decide: (device, context) => decideRevokeDevice(device, context),
    }),
});
