export * from './config.js';
export * from './service.js';
export { prepareRestoredDatabase } from './restore/prepare-restored-database.js';
