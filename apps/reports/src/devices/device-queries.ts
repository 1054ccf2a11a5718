import type { DeviceState } from '@seguridad-abc/contracts';
import type { RequestCaller } from '../access/caller-access.js';
import { createListLoader } from '../connections/list-loader.js';
import type { ListRepository } from '../connections/list-repository.js';

/** Columns that the scope of a device list may fix. */
export type DeviceScopeColumn = 'userId';

/** Devices are listed in the order of their registration in the log. */
export type DeviceSortKey = readonly [createdPosition: number];

/** Selects the revoked devices, or the others. */
export interface DeviceFilter {
  readonly isRevoked: boolean;
}

/** Reads lists of projected devices. */
export type DeviceListRepository = ListRepository<
  DeviceScopeColumn,
  DeviceFilter,
  DeviceState,
  DeviceSortKey
>;

/** Device queries of one request. The caller may access the users that it passes. */
export interface DeviceQueries {
  /** The devices of a user: those that are not revoked, then the newest revoked ones; the newest first. */
  listByUser(userId: string): Promise<readonly DeviceState[]>;
}

/** A quota bounds the devices that are not revoked. Revoked ones stay forever, so a list has only the newest. */
const MAX_LISTED_REVOKED_DEVICES = 100;

/** Creates the device queries of one request. */
export function createDeviceQueries(
  repository: DeviceListRepository,
  { budget }: Pick<RequestCaller, 'budget'>,
): DeviceQueries {
  const lists = createListLoader(repository, budget);
  return {
    async listByUser(userId) {
      const scope = { userId };
      const [active, revoked] = await Promise.all([
        lists.loadSlice({ scope, filter: { isRevoked: false } }, { order: 'descending' }),
        lists.loadSlice(
          { scope, filter: { isRevoked: true } },
          { order: 'descending', limit: MAX_LISTED_REVOKED_DEVICES },
        ),
      ]);
      const devices = [...active, ...revoked].map(({ node }) => node);
      await budget.spendReturnedRows(devices.length);
      return devices;
    },
  };
}
