export * from './gateway-config.js';
export * from './test-gateway.js';
