/**
 * @typedef {object} ServiceInfo
 * @property {string} name of the folder under apps/
 * @property {string} portSetting
 * @property {number} port its default
 * @property {number} stopsAt services of a lower number are stopped before those of a higher one
 */

/**
 * The gateway goes first, so that no client is answered by half an installation; the monitor last, so that it hears
 * the others' goodbyes.
 *
 * @type {readonly ServiceInfo[]}
 */
export const SERVICES = [
  { name: 'monitoring', portSetting: 'MONITORING_PORT', port: 4001, stopsAt: 2 },
  { name: 'reports', portSetting: 'REPORTS_PORT', port: 4002, stopsAt: 2 },
  { name: 'heartbeat', portSetting: 'HEARTBEAT_PORT', port: 4003, stopsAt: 3 },
  { name: 'gateway', portSetting: 'GATEWAY_PORT', port: 4000, stopsAt: 1 },
];

/** Redis serves all of them to their last. */
export const REDIS_STOPS_AT = 4;
