import { readFile } from 'node:fs/promises';
import { transformAsync } from '@babel/core';
import linguiMacro from '@lingui/babel-plugin-lingui-macro';
import { makeConfig } from '@lingui/conf';
import { formatter } from '@lingui/format-po';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import type { Plugin } from 'vite';

const MACRO_IMPORT = /from '@lingui\/(?:core|react)\/macro'/;
const SOURCE_FILE = /\.tsx?$/;
const CATALOG_FILE = /\/(?<locale>\w+)\.po$/;

// The macros need no setting. By default they search for lingui.config.ts and load it.
const linguiConfig = makeConfig({ locales: ['en', 'es'] }, { skipValidation: true });

/**
 * Expands Lingui's macros, and compiles catalogues: `import('./es.po')` has `messages`. Lingui's own plugin for Vite does the same, but
 * needs its command-line tool and about 100 more packages, which an installation that only builds the console does not have.
 */
export const createLinguiPlugin = (): Plugin => ({
  name: 'lingui',
  enforce: 'pre',

  async transform(code, id) {
    if (!SOURCE_FILE.test(id) || !MACRO_IMPORT.test(code)) return undefined;
    const result = await transformAsync(code, {
      filename: id,
      babelrc: false,
      configFile: false,
      sourceMaps: true,
      // Types and JSX stay: Vite transforms them.
      parserOpts: { plugins: ['typescript', 'jsx'] },
      plugins: [[linguiMacro, { linguiConfig }]],
    });
    return { code: result?.code ?? '', map: result?.map ?? null };
  },

  async load(id) {
    const locale = CATALOG_FILE.exec(id)?.groups?.['locale'];
    if (locale === undefined) return undefined;
    const text = await readFile(id, 'utf8');
    return `export const messages = ${JSON.stringify(await compileCatalog(text, locale, id))};`;
  },
});

/** The compiled messages by id. */
async function compileCatalog(text: string, locale: string, filename: string): Promise<object> {
  const catalog = await formatter().parse(text, { locale, sourceLocale: 'en', filename });
  return Object.fromEntries(
    Object.entries(catalog).map(([id, { translation, message }]) => [
      id,
      compileMessage(translation === '' ? (message ?? id) : translation),
    ]),
  );
}
