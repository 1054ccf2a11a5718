// Vitest loads this file in its processes (`execArgv`): worker threads that TypeScript sources start can then be TypeScript too.
// Vitest itself transforms the files of its own threads only.
import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

if (!isMainThread) register(import.meta.url);

/** @type {import('node:module').ResolveHook} The entry of a worker has the name that it has when it is built. */
export const resolve = (specifier, context, nextResolve) => {
  const source = specifier.replace(/\.js$/, '.ts');
  const isSource = specifier.startsWith('file:') && source !== specifier && !existsSync(new URL(specifier));
  // As in `vitest.config.ts`: packages of the project resolve to their sources.
  const conditions = [...context.conditions, 'source'];
  return nextResolve(
    isSource ? source : specifier,
    specifier.startsWith('@seguridad-abc/') ? { ...context, conditions } : context,
  );
};

/** @type {import('node:module').LoadHook} */
export const load = async (url, context, nextLoad) => {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const { buildSync } = await import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(url)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'es2023',
    sourcemap: 'inline',
    write: false,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return { format: 'module', source: outputFiles[0]?.text ?? '', shortCircuit: true };
};
