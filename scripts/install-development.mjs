// Before the scripts of package.json that need development packages: installs these if npm start has left them out.
import { runScript } from './bootstrap/node-version.mjs';

runScript(async () => {
  const { installAndBuild } = await import('./bootstrap/install-packages.mjs');
  // On stderr: stdout belongs to the script that runs next.
  await installAndBuild({ withDevelopment: true, log: console.error });
});
