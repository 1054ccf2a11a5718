import type { Plugin, PreviewServer, ViteDevServer } from 'vite';
import { issueToken } from '../../scripts/shared/identity.mjs';
import { loadEnvFile, readInstallationSettings } from '../../scripts/shared/installation-settings.mjs';

const TTL_MS = 600_000; // 10 minutes

/**
 * `GET /token?user=ana`: a customer's token, signed with the key of the installation on this machine. It stands for an
 * application's own sign-in, where the page is developed or looked at.
 */
export const tokens = (): Plugin => ({
  name: 'tokens',
  configureServer: serve,
  configurePreviewServer: serve,
});

function serve({ middlewares }: Pick<ViteDevServer | PreviewServer, 'middlewares'>): void {
  middlewares.use('/token', (request, response, next) => {
    const user = new URL(request.url ?? '', 'http://localhost').searchParams.get('user') ?? '';
    token(user).then((text) => response.setHeader('cache-control', 'no-store').end(text), next);
  });
}

/** Empty where nobody has to say who he is. */
async function token(id: string): Promise<string> {
  loadEnvFile();
  const settings = readInstallationSettings(process.env);
  return settings.identity.required ? issueToken(settings, { id, role: 'customer' }, TTL_MS) : '';
}
