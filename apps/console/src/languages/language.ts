import { i18n, type Messages } from '@lingui/core';

export const LANGUAGES = ['en', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language by its own name, so that everybody finds theirs. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', es: 'Español' };

const STORAGE_KEY = 'console-language';

const CATALOGS: Readonly<Record<Language, () => Promise<{ readonly messages: Messages }>>> = {
  en: () => import('./en.po'),
  es: () => import('./es.po'),
};

const isLanguage = (text: string | null | undefined): text is Language =>
  LANGUAGES.some((language) => language === text);

/** The chosen language, or the first one of the browser that the console has. */
export function detectLanguage(
  chosen: string | null = localStorage.getItem(STORAGE_KEY),
  preferred: readonly string[] = navigator.languages,
): Language {
  if (isLanguage(chosen)) return chosen;
  return preferred.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}

/** Loads the texts of a language and shows them. */
export async function activateLanguage(language: Language): Promise<void> {
  const { messages } = await CATALOGS[language]();
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
}

/** Shows another language from now on, also after a reload. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORAGE_KEY, language);
  await activateLanguage(language);
}

/**
 * The locale in which dates and numbers are written: the region of the browser if it is one of the language, such as `es-CO`.
 */
export const getFormatLocale = (
  language: string,
  preferred: readonly string[] = navigator.languages,
): string => preferred.find((tag) => tag.split('-')[0] === language) ?? language;
