export * from './config.js';
export * from './service.js';
export { createLogClient } from './projector/log-client.js';
export { verifyReadModel } from './verification/verify-read-model.js';
