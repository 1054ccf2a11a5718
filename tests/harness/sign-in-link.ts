import { INSTALLATION_SECRET_HEADER, readInstallationSecret } from '@seguridad-abc/platform';
import type { TestPlatform } from './test-platform.js';

/** Creates a link with which one browser signs in to the gateway of a platform, as `npm run sign-in` does. */
export async function createSignInLink(
  platform: Pick<TestPlatform, 'folder' | 'getOrigin'>,
): Promise<string> {
  const response = await fetch(`${platform.getOrigin('gateway')}/sign-in-links`, {
    method: 'POST',
    headers: { [INSTALLATION_SECRET_HEADER]: readInstallationSecret(platform.folder, undefined) },
  });
  const { url } = (await response.json()) as { url: string };
  return url;
}
