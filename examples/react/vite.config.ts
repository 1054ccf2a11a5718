import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv, type Plugin } from 'vite';
import { createTokenPlugin } from './vite-token-plugin.ts';

/** The folder with the installation's `.env`, which contains the port of the gateway. */
const INSTALLATION_ROOT = '../..';

export default defineConfig(({ mode }) => {
  const { GATEWAY_PORT = '4000' } = loadEnv(mode, INSTALLATION_ROOT, 'GATEWAY_');
  const target = `http://127.0.0.1:${GATEWAY_PORT}`;
  // The page sends requests to its own origin, which forwards them to the gateway. So CORS is not needed.
  const proxy = { '/graphql': { target, ws: true, changeOrigin: true, rewriteWsOrigin: true } };
  return {
    plugins: [react(), createTokenPlugin(), createConnectionNotice(target)],
    envDir: INSTALLATION_ROOT,
    server: { host: '127.0.0.1', proxy },
    preview: { host: '127.0.0.1', proxy },
  };
});

/** Prints one line while the gateway is stopped. Vite would print a stack trace for each attempt of the page to connect. */
function createConnectionNotice(gatewayUrl: string): Plugin {
  const CONNECTION_ERRORS: readonly unknown[] = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'];
  return {
    name: 'connection-notice',
    configResolved({ logger }) {
      const printError = logger.error.bind(logger);
      logger.error = (message, options) => {
        const { error } = options ?? {};
        if (error && 'code' in error && CONNECTION_ERRORS.includes(error.code)) {
          logger.warnOnce(`The gateway ${gatewayUrl} does not answer: start it with npm start.`, options);
        } else {
          printError(message, options);
        }
      };
    },
  };
}
