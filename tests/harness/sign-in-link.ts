import type { Actor } from '@seguridad-abc/contracts';
import { INSTALLATION_SECRET_HEADER, readInstallationSecret } from '@seguridad-abc/platform';
import type { TestPlatform } from './test-platform.js';

/**
 * Creates a link with which one browser signs in to the gateway of a platform, as `npm run sign-in` does.
 * @param caller by default an operator
 */
export async function createSignInLink(
  platform: Pick<TestPlatform, 'folder' | 'getOrigin'>,
  caller?: Pick<Actor, 'id' | 'role'>,
): Promise<string> {
  const response = await fetch(`${platform.getOrigin('gateway')}/sign-in-links`, {
    method: 'POST',
    headers: {
      [INSTALLATION_SECRET_HEADER]: readInstallationSecret(platform.folder, undefined),
      ...(caller && { 'content-type': 'application/json' }),
    },
    ...(caller && { body: JSON.stringify(caller) }),
  });
  const { url } = (await response.json()) as { url: string };
  return url;
}
