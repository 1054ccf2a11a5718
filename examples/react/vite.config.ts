import react from '@vitejs/plugin-react';
import { loadCommandSettings } from '@seguridad-abc/cli';
import { defineConfig, type Plugin } from 'vite';
import { createTokenPlugin } from './vite-token-plugin.ts';

/** The folder with the installation's `.env`. */
const INSTALLATION_ROOT = '../..';

export default defineConfig(() => {
  const target = `http://127.0.0.1:${loadCommandSettings(process.env).ports.GATEWAY_PORT}`;
  // The page sends requests to its own origin, which forwards them to the gateway. So CORS is not needed.
  const proxy = { '/graphql': { target, ws: true, changeOrigin: true, rewriteWsOrigin: true } };
  return {
    plugins: [react(), createTokenPlugin(), createConnectionNotice(target)],
    envDir: INSTALLATION_ROOT,
    // The lines about the gateway and the installation stay visible.
    clearScreen: false,
    server: { host: '127.0.0.1', proxy },
    preview: { host: '127.0.0.1', proxy },
  };
});

const CHECK_TIMEOUT_MS = 2_000;

/** Whether a gateway runs. */
const isGatewayRunning = (gatewayUrl: string): Promise<boolean> =>
  fetch(`${gatewayUrl}/health`, { signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) }).then(
    () => true,
    () => false,
  );

/** Prints one line while the gateway is stopped. Vite would print a stack trace for each attempt of the page to connect. */
function createConnectionNotice(gatewayUrl: string): Plugin {
  const CONNECTION_ERRORS: readonly unknown[] = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'];
  const notice = `No gateway at ${gatewayUrl}: run npm start in another terminal.`;
  return {
    name: 'connection-notice',
    // Vite prints its own address after this.
    async configureServer({ config }) {
      if (!(await isGatewayRunning(gatewayUrl))) config.logger.warnOnce(notice);
    },
    configResolved({ logger }) {
      const printError = logger.error.bind(logger);
      logger.error = (message, options) => {
        const { error } = options ?? {};
        if (error && 'code' in error && CONNECTION_ERRORS.includes(error.code)) {
          logger.warnOnce(notice, options);
        } else {
          printError(message, options);
        }
      };
    },
  };
}
