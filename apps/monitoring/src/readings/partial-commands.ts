/** Identifies a command while it runs, also among those of other instances. */
export type CommandKey = string;

/**
 * The commands of this process whose readings of an opening are stored in part. Other commands and jobs leave to them the intervals that their
 * remaining readings can still change: an alarm could be raised and then retracted because of a reading that was sent before.
 */
export interface PartialCommands {
  /**
   * Notes what a transaction of a command has left. A command is at one opening at a time.
   * @param openingId undefined if the command has stored all its readings of the openings that it has begun
   * @param nextAt the instant of its earliest remaining reading of the opening; undefined if none is left
   */
  set(command: CommandKey, openingId: number | undefined, nextAt: number | undefined): void;
  /**
   * The instant of the earliest reading that commands have left for an opening; undefined if none has.
   * @param except a command that is left out
   */
  findNextAt(openingId: number, except?: CommandKey): number | undefined;
  /** The openings of all these commands. */
  listOpenings(): readonly number[];
}

export function createPartialCommands(): PartialCommands {
  const openingByCommand = new Map<CommandKey, number>();
  const commandsByOpening = new Map<number, Map<CommandKey, number | undefined>>();

  const remove = (command: CommandKey) => {
    const openingId = openingByCommand.get(command);
    if (openingId === undefined) return;
    openingByCommand.delete(command);
    const commands = commandsByOpening.get(openingId);
    commands?.delete(command);
    if (commands?.size === 0) commandsByOpening.delete(openingId);
  };

  return {
    set(command, openingId, nextAt) {
      remove(command);
      if (openingId === undefined) return;
      openingByCommand.set(command, openingId);
      const commands = commandsByOpening.get(openingId) ?? new Map<CommandKey, number | undefined>();
      commandsByOpening.set(openingId, commands.set(command, nextAt));
    },
    findNextAt(openingId, except) {
      let earliest: number | undefined;
      for (const [command, nextAt] of commandsByOpening.get(openingId) ?? []) {
        if (command !== except) earliest = findEarlier(earliest, nextAt);
      }
      return earliest;
    },
    listOpenings: () => [...commandsByOpening.keys()],
  };
}

/** The earlier one of two instants; `undefined` is later than all. */
export const findEarlier = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
