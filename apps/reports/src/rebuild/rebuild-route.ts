import type { HttpServer, IdentityService } from '@seguridad-abc/platform';
import type { ReadModelRebuild } from './read-model-rebuild.js';

/**
 * Serves `POST /rebuild`, which starts a rebuild of the read model or joins the one that runs, and `GET /rebuild`, which
 * tells how far it is. Both are for the tools of this installation.
 */
export function serveRebuild(
  app: HttpServer['app'],
  rebuild: ReadModelRebuild,
  identity: Pick<IdentityService, 'assertFromInstallation'>,
): void {
  const describe = () => {
    const { progress, completed = null } = rebuild;
    if (!progress) return { running: null, completed };
    const { reason, done, total = null, problem = null } = progress;
    return { running: { reason, done, total, problem }, completed };
  };
  app.get('/rebuild', ({ headers }, response) => {
    identity.assertFromInstallation(headers);
    response.set('cache-control', 'no-store').json(describe());
  });
  app.post('/rebuild', ({ headers }, response) => {
    identity.assertFromInstallation(headers);
    void rebuild.start('an operator has requested it', 'request');
    response.status(202).json(describe());
  });
}
