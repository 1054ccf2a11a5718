import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';
import { createTokenPlugin } from './vite-token-plugin';

/** The folder with the installation's `.env`, which contains the port of the gateway. */
const INSTALLATION_ROOT = '../..';

export default defineConfig(({ mode }) => {
  const { GATEWAY_PORT = '4000' } = loadEnv(mode, INSTALLATION_ROOT, 'GATEWAY_');
  const target = `http://127.0.0.1:${GATEWAY_PORT}`;
  // The page sends requests to its own origin, which forwards them to the gateway. So CORS is not needed.
  const proxy = { '/graphql': { target, ws: true, changeOrigin: true, rewriteWsOrigin: true } };
  return {
    plugins: [react(), createTokenPlugin()],
    envDir: INSTALLATION_ROOT,
    server: { host: '127.0.0.1', proxy },
    preview: { host: '127.0.0.1', proxy },
  };
});
