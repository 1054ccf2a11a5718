/**
 * Import cycles fail `npm run check`: between files, and between the folders of one app or package.
 * eslint.config.mjs holds the rules on which package may import which.
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'no-file-cycles',
      comment: 'Two files import each other. Move what both need into a third file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-folder-cycles',
      comment: 'Two folders import each other. Decide which one comes first in the pipeline.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: {
      path: ['node_modules', '[.]test[.](tsx?|mjs)$', '/dist/', 'generated(-ids)?[.]ts$', '/testing/'],
    },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default'] },
    moduleSystems: ['es6', 'cjs'],
  },
};
