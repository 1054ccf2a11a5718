/**
 * Folds a text for searching: removes accents and the difference between upper and lower case.
 * The fold of a part of a text is a part of the fold of the whole text.
 */
export const foldTextForSearch = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    // Some letters are equal only in upper case (ß and ss), so the text goes to upper case in between.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    // The only letter whose lower case depends on its neighbors.
    .replace(/ς/gu, 'σ');

/**
 * Brings the name of an opening to the form in which monitoring stores it: trimmed, in Unicode NFC.
 * @returns undefined if there is no name
 */
export const normalizeOpeningName = (name: string | null | undefined): string | undefined =>
  name?.trim().normalize('NFC');
