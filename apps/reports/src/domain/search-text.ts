/**
 * The form in which names are searched: without accents, and without a difference between upper and lower case.
 * What is part of a text stays part of it: the fold of a part is part of the fold of the whole.
 */
export const foldText = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    // There and back, so that letters which meet in upper case alone (ß and ss) become one.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    // The one letter whose lower case depends on its neighbours.
    .replace(/ς/gu, 'σ');
