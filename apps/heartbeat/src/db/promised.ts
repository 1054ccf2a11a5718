/** Does at once what SQLite does at once, and answers as a store that must wait would: with a promise, errors too. */
export const promised = <T>(work: () => T): Promise<T> => new Promise((resolve) => resolve(work()));
