import type { AlarmChange } from '@seguridad-abc/contracts';

/**
 * Says of each change which one was published before it, so that whoever hears it knows whether one is missing. Of the
 * first of a process that is not known.
 */
export function createSequel(): (changes: readonly AlarmChange[]) => readonly AlarmChange[] {
  let last: number | undefined;
  return (changes) =>
    changes.map((change) => {
      const since = last;
      last = Math.max(change.position, since ?? 0);
      // One that was set aside comes late, and follows nothing.
      return since === undefined || since >= change.position ? change : { ...change, since };
    });
}
