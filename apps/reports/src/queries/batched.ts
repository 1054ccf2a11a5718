import DataLoader from 'dataloader';

/** Reads what one request asks for together at once, and each once. What is not found is null. */
export const batched = <T>(read: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>) =>
  new DataLoader<string, T | null>(async (keys) => {
    const found = await read(keys);
    return keys.map((key) => found.get(key) ?? null);
  });
