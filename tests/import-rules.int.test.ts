import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const eslint = new ESLint({
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  // The files do not exist, so there is no type information. The import rules do not need it.
  overrideConfig: {
    languageOptions: { parserOptions: { projectService: false, project: false, program: null } },
  },
  ruleFilter: ({ ruleId }) => ruleId.includes('restricted'),
});

async function lintRestrictions(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath });
  return (result?.messages ?? []).map(({ message }) => message);
}

describe('the import rules', () => {
  it.each([
    ['packages/contracts/src/x.ts', `import 'ioredis';`],
    ['packages/evaluation/src/x.ts', `import 'node:fs';`],
    ['packages/evaluation/src/x.ts', `export const now = Date.now();`],
    ['packages/executor/src/x.ts', `import '@seguridad-abc/contracts';`],
    ['packages/executor/src/x.ts', `import '@apollo/gateway';`],
    ['packages/platform/src/x.ts', `import '@seguridad-abc/evaluation';`],
    ['packages/platform/src/x.ts', `export const level = process.env['LOG_LEVEL'];`],
    ['apps/reports/src/x.ts', `import '@seguridad-abc/monitoring';`],
    ['apps/reports/src/x.ts', `import '../../monitoring/src/config.js';`],
    ['apps/reports/src/x.ts', `import '@seguridad-abc/cli';`],
    ['apps/cli/src/x.ts', `import '@seguridad-abc/gateway';`],
    ['apps/cli/src/graphql/x.ts', `import '@seguridad-abc/executor';`],
    ['apps/cli/src/x.ts', `import '@seguridad-abc/platform';`],
    ['apps/cli/src/x.ts', `export const folder = process.env['DATA_DIR'];`],
    ['apps/reports/src/domain/x.ts', `import 'node:crypto';`],
    ['apps/reports/src/domain/x.ts', `import '@seguridad-abc/platform';`],
    ['apps/reports/src/domain/x.ts', `import '../db/schema.js';`],
    ['apps/reports/src/domain/x.ts', `export const now = new Date();`],
    ['apps/reports/src/domain/x.ts', `export const luck = Math.random();`],
    ['apps/reports/src/domain/x.ts', `export const env = process.env;`],
    ['apps/reports/src/graphql/x.ts', `import '../db/open.js';`],
    ['apps/reports/src/graphql/x.ts', `import 'ioredis';`],
    ['apps/console/src/app/x.ts', `import '@seguridad-abc/contracts';`],
    ['apps/console/src/api/x.ts', `import '../screens/services/services-screen';`],
    ['apps/console/src/screens/queue/x.ts', `import '../services/health-history';`],
    ['apps/console/src/screens/queue/x.ts', `import '../../app/shell';`],
    ['apps/console/src/screens/queue/x.tsx', `export const Title = () => <h1>Queue</h1>;`],
  ])('%s must not contain %s', async (file, code) => {
    expect(await lintRestrictions(file, code)).not.toHaveLength(0);
  });

  it.each([
    ['packages/contracts/src/x.ts', `import 'zod'; import './events.js';`],
    ['packages/executor/src/x.test.ts', `import '@apollo/gateway';`],
    ['packages/platform/src/x.ts', `import '@seguridad-abc/contracts'; import 'ioredis';`],
    ['apps/reports/src/service.ts', `import '@seguridad-abc/platform'; import './db/open.js';`],
    [
      'apps/cli/src/x.ts',
      `import '@seguridad-abc/evaluation'; import '@seguridad-abc/platform/installation';`,
    ],
    ['apps/cli/src/x.ts', `import type { Logger } from '@seguridad-abc/platform';`],
    ['apps/reports/src/domain/x.ts', `import '@seguridad-abc/contracts'; import './fold.js';`],
    ['apps/reports/src/graphql/x.ts', `import '../queries/rules.js'; import '@seguridad-abc/platform';`],
    ['apps/console/src/screens/queue/x.ts', `import '../../api/generated'; import './queue-row';`],
    ['apps/console/src/screens/queue/x.tsx', `export const Title = () => <h1><Trans>Queue</Trans></h1>;`],
  ])('%s may contain %s', async (file, code) => {
    expect(await lintRestrictions(file, code)).toStrictEqual([]);
  });
});
