import { issueToken, loadCommandSettings } from '@seguridad-abc/cli';
import type { Plugin, PreviewServer, ViteDevServer } from 'vite';

const TOKEN_LIFETIME_MS = 600_000; // 10 minutes

/**
 * Serves `GET /token?user=ana`: a customer's token, signed with the key of the installation on this machine. It replaces the
 * sign-in of an application during development and preview.
 */
export const createTokenPlugin = (): Plugin => ({
  name: 'tokens',
  configureServer: serveTokens,
  configurePreviewServer: serveTokens,
});

function serveTokens({ middlewares }: Pick<ViteDevServer | PreviewServer, 'middlewares'>): void {
  middlewares.use('/token', (request, response, next) => {
    const userId = new URL(request.url ?? '', 'http://localhost').searchParams.get('user') ?? '';
    createToken(userId).then((token) => response.setHeader('cache-control', 'no-store').end(token), next);
  });
}

/** Returns an empty text if the installation needs no authentication (AUTH=off). */
async function createToken(userId: string): Promise<string> {
  const settings = loadCommandSettings(process.env);
  if (!settings.identity.required) return '';
  return issueToken(settings, { id: userId, role: 'customer' }, TOKEN_LIFETIME_MS);
}
