/** Joins the names of classes, without those that are not given. */
export const joinClassNames = (...names: readonly (string | false | undefined)[]): string =>
  names.filter(Boolean).join(' ');
