/**
 * Stops programs in their order, those of one rank together.
 *
 * @param {readonly { stopsAt: number, stop: () => Promise<void> }[]} programs
 */
export async function stopAll(programs) {
  const ranks = [...new Set(programs.map(({ stopsAt }) => stopsAt))].sort((a, b) => a - b);
  for (const rank of ranks) {
    await Promise.all(programs.filter(({ stopsAt }) => stopsAt === rank).map((program) => program.stop()));
  }
}
