import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';
import { tokens } from './vite-token';

/** The installation's own `.env`, so that the page finds its gateway on whatever port it has. */
const ROOT = '../..';

export default defineConfig(({ mode }) => {
  const { GATEWAY_PORT = '4000' } = loadEnv(mode, ROOT, 'GATEWAY_');
  const target = `http://127.0.0.1:${GATEWAY_PORT}`;
  // The page asks its own server, which passes on to the gateway: one origin, no CORS.
  const proxy = { '/graphql': { target, ws: true, changeOrigin: true, rewriteWsOrigin: true } };
  return {
    plugins: [react(), tokens()],
    envDir: ROOT,
    server: { host: '127.0.0.1', proxy },
    preview: { host: '127.0.0.1', proxy },
  };
});
