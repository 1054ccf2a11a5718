import type { LinguiConfig } from '@lingui/conf';
import { formatter } from '@lingui/format-po';

/** The messages of the source code are in English. `npm run generate` extracts them, `npm run check` compares. */
const config: LinguiConfig = {
  locales: ['en', 'es'],
  sourceLocale: 'en',
  catalogs: [
    {
      // scripts/generate.mjs extracts into another folder to compare.
      path: `${process.env['CATALOG_FOLDER'] ?? '<rootDir>/src/languages'}/{locale}`,
      include: ['<rootDir>/src'],
      exclude: ['**/*.test.tsx', '**/generated.ts'],
    },
  ],
  format: formatter({ lineNumbers: false }),
  orderBy: 'message',
};

export default config;
