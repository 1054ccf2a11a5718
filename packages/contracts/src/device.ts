import { z } from 'zod';
import { instantSchema } from './instant.js';

/** The largest number of characters of a device's name. */
export const MAX_DEVICE_NAME_LENGTH = 120;

/** The largest number of openings to which a device can be bound. */
export const MAX_OPENINGS_PER_DEVICE = 100;

/** The largest number of devices of one user that are not revoked, whatever the settings are. They are one list. */
export const MAX_DEVICES_PER_USER_LIMIT = 1_000;

/** The request header that names the device of a signed request. */
export const DEVICE_HEADER = 'x-abc-device';

/** The request header of a signature: `t=<Unix time in seconds>,v1=<HMAC-SHA256 in hex>`. docs/devices.md describes it. */
export const SIGNATURE_HEADER = 'x-abc-signature';

/** The complete state of a device at one version: what events carry, and what monitoring and reports store. */
export const deviceStateSchema = z.object({
  id: z.string(),
  /** The id of the user whose readings the device records. */
  userId: z.string(),
  /** 1 to 120 characters; need not be unique. */
  name: z.string(),
  /** The names of the openings for which the device may record readings. Null: all openings of the user, also new ones. */
  openings: z.array(z.string()).nullable(),
  createdAt: instantSchema,
  /** Null unless the device is revoked. A revoked device stays revoked. */
  revokedAt: instantSchema.nullable(),
  updatedAt: instantSchema,
  /** 1 at registration, one more at each change. */
  version: z.int().positive(),
});
export type DeviceState = z.infer<typeof deviceStateSchema>;
