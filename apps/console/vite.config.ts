import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv, type ProxyOptions } from 'vite';
import { createLinguiPlugin } from './vite/lingui-plugin.ts';

const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url));
const DEFAULT_GATEWAY_PORT = '4000';
/** What the gateway serves. The development server forwards it. */
const GATEWAY_PATHS = ['/graphql', '/graphiql', '/sign-in', '/sign-out', '/console/', '/status.json'];

/** The libraries that every screen needs. */
const INITIAL_LIBRARIES =
  /node_modules[\\/](?:@apollo|@lingui|@wry|graphql|graphql-ws|optimism|react|react-dom|react-router|rxjs|scheduler)[\\/]/;

export default defineConfig(({ mode }) => {
  const { GATEWAY_PORT = DEFAULT_GATEWAY_PORT } = loadEnv(mode, PROJECT_FOLDER, 'GATEWAY_');
  const target = `http://127.0.0.1:${GATEWAY_PORT}`;
  return {
    plugins: [createLinguiPlugin(), react()],
    // The lines about the address stay visible.
    clearScreen: false,
    server: {
      host: '127.0.0.1',
      proxy: Object.fromEntries(GATEWAY_PATHS.map((path) => [path, forwardTo(target)])),
    },
    build: {
      // The Content-Security-Policy of the gateway allows no data URLs for scripts and styles.
      assetsInlineLimit: 0,
      // All supported browsers load modules in advance.
      modulePreload: { polyfill: false },
      rolldownOptions: {
        output: {
          // React and Apollo Client change seldom: browsers keep them when the console changes.
          codeSplitting: {
            groups: [{ name: 'libraries', test: INITIAL_LIBRARIES }],
          },
        },
      },
    },
  };
});

/** A request of a page of this server becomes one of a page of the gateway, so that the session cookie works. */
const forwardTo = (target: string): ProxyOptions => ({
  target,
  ws: true,
  changeOrigin: true,
  configure(proxy) {
    proxy.on('proxyReq', (request, { headers }) => {
      if (headers.origin === `http://${headers.host ?? ''}`) request.setHeader('origin', target);
    });
    proxy.on('proxyReqWs', (request, { headers }) => {
      if (headers.origin === `http://${headers.host ?? ''}`) request.setHeader('origin', target);
    });
  },
});
