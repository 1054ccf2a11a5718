/**
 * Runs statements of a transaction beside each other. Unlike `Promise.all`, it rejects only when all of them have ended: otherwise
 * the rest would run after the work was rolled back, in the transaction of other work.
 * @throws the first error
 */
export async function runAll<const Pending extends readonly unknown[]>(
  pending: Pending,
): Promise<{ -readonly [Key in keyof Pending]: Awaited<Pending[Key]> }> {
  try {
    return await Promise.all(pending);
  } catch (error) {
    await Promise.allSettled(pending);
    throw error;
  }
}
