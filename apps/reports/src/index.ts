export * from './config.js';
export * from './service.js';
export { createLogClient } from './projector/projector.js';
export { verifyReadModel } from './verification/verify-read-model.js';
