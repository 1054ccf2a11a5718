import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** @typedef {{ regex: string, message: string, allowTypeImports?: boolean }} Ban */

/** @param {string} regex @param {string} message @returns {Ban} */
const ban = (regex, message) => ({ regex, message });

const OWN = '^@seguridad-abc/';
/** @param {readonly string[]} names */
const ownExcept = (...names) => (names.length ? `${OWN}(?!(${names.join('|')})$)` : OWN);
/** @param {readonly string[]} names */
const anyExcept = (...names) => `^(?!(${[String.raw`\.`, ...names].join('|')}))`;

/** No package reaches into another's folder, and none imports an app. */
const EVERYWHERE = [
  ban(String.raw`^\.\.?/.*\bsrc/`, 'Import another package by its name, through what its index exports.'),
  ban(`${OWN}(monitoring|reports|heartbeat|gateway|cli)`, 'An app is never imported; packages are.'),
];

/** @param {readonly Ban[]} bans @returns {import('eslint').Linter.RulesRecord} */
const imports = (...bans) => ({
  '@typescript-eslint/no-restricted-imports': [
    'error',
    { patterns: [...EVERYWHERE, ...bans].map((b) => ({ ...b })) },
  ],
});

const IMPURE = [
  { object: 'Date', property: 'now', message: 'The domain reads no clock: pass the instant in.' },
  { object: 'Math', property: 'random', message: 'The domain is deterministic: pass what is random in.' },
  { object: 'performance', property: 'now', message: 'The domain reads no clock: pass the instant in.' },
];

export default defineConfig(
  {
    ignores: [
      '**/dist/**',
      '**/generated.ts',
      '**/generated-ids.ts',
      '**/node_modules/**',
      'data/**',
      '.stryker/**',
      '.turbo/**',
    ],
  },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: false },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'no-console': 'error',
      eqeqeq: ['error', 'always'],
    },
  },

  {
    files: ['apps/**', 'packages/**'],
    ignores: [
      'packages/platform/src/run-service.ts',
      // It starts programs, which get the environment of this process.
      'apps/cli/src/start/**',
      '**/*.test.ts',
      'packages/*/tests/**',
      // Vitest names its workers in the environment.
      'packages/platform/src/testing/free-port.ts',
      // It runs in browsers. Its configuration is read by tools.
      'apps/console/**',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'The environment is read once, in platform/run-service.ts.',
        },
        ...IMPURE.filter(({ object }) => object === 'Math'),
      ],
    },
  },

  // ---- who may import whom (docs/architecture.md)
  { files: ['apps/**', 'packages/**'], rules: imports() },
  {
    files: ['packages/contracts/src/**'],
    ignores: ['**/*.test.ts'],
    rules: imports(ban(anyExcept('zod$'), 'contracts imports a schema library only.')),
  },
  {
    files: ['packages/evaluation/src/**'],
    ignores: ['**/*.test.ts'],
    rules: imports(
      ban(
        anyExcept('temporal-polyfill$', '@seguridad-abc/contracts$'),
        'judging is pure: no I/O, no other library.',
      ),
    ),
  },
  {
    files: ['packages/executor/src/**'],
    rules: imports(ban(OWN, 'executor serves any supergraph and knows nothing of this product.')),
  },
  {
    files: ['packages/executor/src/**'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: imports(
      ban(OWN, 'executor serves any supergraph and knows nothing of this product.'),
      ban(
        '^@apollo/(gateway|server)',
        'executor takes their classes by structure; its users need not install them.',
      ),
    ),
  },
  {
    files: ['packages/platform/src/**'],
    rules: imports(ban(ownExcept('contracts'), 'platform imports libraries and contracts.')),
  },
  {
    files: ['apps/*/src/domain/**'],
    ignores: ['**/*.test.ts'],
    rules: imports(
      ban(
        anyExcept('temporal-polyfill$', '@seguridad-abc/contracts$', '@seguridad-abc/evaluation$'),
        'The domain imports contracts and evaluation only, and does no I/O.',
      ),
      ban(String.raw`^\.\./(\.\./)*(?!domain)`, 'The domain imports nothing of its app but itself.'),
    ),
  },
  {
    files: ['apps/*/src/domain/**', 'packages/evaluation/src/**'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-properties': ['error', ...IMPURE],
      'no-restricted-globals': [
        'error',
        'process',
        'fetch',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'crypto',
        'console',
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'The domain reads no clock: pass the instant in.',
        },
      ],
    },
  },
  {
    files: [
      'apps/monitoring/src/{alarms,audit,calendars,commands,compaction,devices,erasure,evaluation,exceptions,readings,rules,scheduler}/**',
    ],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[object.name="Promise"][property.name=/^(all|race|any)$/]',
          message: 'It may settle while statements of the transaction still run: use runAll (db/run-all.ts).',
        },
      ],
    },
  },
  {
    files: ['apps/*/src/graphql/**'],
    ignores: ['**/*.test.ts'],
    rules: imports(
      ban(
        String.raw`(^|/)(db|log|projector)/|^(ioredis|drizzle-orm|better-sqlite3)`,
        'Resolvers call commands and queries, never the database or Redis.',
      ),
    ),
  },
  {
    files: ['apps/cli/src/**'],
    ignores: ['**/*.test.ts'],
    rules: imports(
      ban(
        ownExcept('contracts', 'evaluation', 'platform', 'platform/installation', 'platform/redis'),
        'The commands use a gateway as any client does.',
      ),
      {
        ...ban(
          `${OWN}platform$`,
          'It loads the server libraries. Import platform/installation or platform/redis, or load it on demand.',
        ),
        allowTypeImports: true,
      },
    ),
  },
  {
    files: ['apps/console/**'],
    rules: imports(ban(OWN, 'The console is a client: it uses the public API with generated types only.')),
  },
  {
    files: ['apps/console/src/{api,design,languages}/**'],
    rules: imports(
      ban(OWN, 'The console is a client: it uses the public API with generated types only.'),
      ban(
        String.raw`^\.\.?/.*\b(app|screens|session)/`,
        'Screens are built of these parts, not the other way round.',
      ),
    ),
  },
  {
    files: ['apps/console/src/screens/**'],
    rules: imports(
      ban(OWN, 'The console is a client: it uses the public API with generated types only.'),
      ban(
        String.raw`^\.\./(\.\./app/|(?!\.\./))`,
        'A screen uses no other screen, and not the shell that shows it.',
      ),
    ),
  },
  {
    files: ['apps/console/src/**/*.tsx'],
    ignores: ['**/*.test.tsx'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'JSXElement:not([openingElement.name.name=/^(Trans|code)$/]) > JSXText[value=/\\p{L}{2}/u]',
          message: 'Users read it in their language: put the text into <Trans>.',
        },
      ],
    },
  },
  {
    // It plans an operation on a file, without a gateway.
    files: ['apps/cli/src/commands/plan-command.ts'],
    rules: imports(ban(ownExcept('executor'), 'It only needs a query planner.')),
  },
  {
    files: ['packages/platform/src/run-service.ts', 'scripts/**', 'bench/**', 'tests/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.test.ts', 'tests/**', 'packages/*/tests/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
      },
    },
  },
  // It is installed by itself: without its packages there are no types to go by.
  {
    files: ['bench/gateway/**'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
  },
  // What a browser has is known, and checked, by its own tsconfig.
  { files: ['apps/gateway/{graphiql,sign-in}/page.mjs'], rules: { 'no-undef': 'off' } },
);
