/** Reads the users that the read model knows: those that have had a rule or a reading. */
export interface KnownUserRepository {
  /** @returns the known ids among `ids` */
  findKnownIds(ids: readonly string[]): Promise<ReadonlySet<string>>;
}
