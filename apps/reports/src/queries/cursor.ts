import type { Place } from './list-reader.js';

/** How places of one kind of list are written as cursors. What a cursor stands at keeps it when nodes come and go. */
export interface CursorForm<At extends Place> {
  readonly write: (place: At) => string;
  /** @returns undefined where the text is no cursor that `write` gave */
  readonly read: (cursor: string) => At | undefined;
}

/**
 * @param kind of the lists, told apart from all others
 * @param parse of what stands in a cursor behind the kind
 */
export function cursorForm<At extends Place>(
  kind: string,
  parse: (text: string) => At | undefined,
): CursorForm<At> {
  const write = (place: At) => Buffer.from([kind, ...place].join(':')).toString('base64url');
  return {
    write,
    read(cursor) {
      const text = Buffer.from(cursor, 'base64url').toString();
      const place = text.startsWith(`${kind}:`) ? parse(text.slice(kind.length + 1)) : undefined;
      return place && write(place) === cursor ? place : undefined;
    },
  };
}

export type RulePlace = readonly [createdPosition: number];
export const RULE_CURSOR = cursorForm<RulePlace>('rule', (text) =>
  /^\d{1,15}$/.test(text) ? [Number(text)] : undefined,
);

export type AlarmPlace = readonly [raisedAt: string, id: string];
export const ALARM_CURSOR = cursorForm<AlarmPlace>('alarm', (text) => {
  const [, raisedAt, id] = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z):(.+)$/su.exec(text) ?? [];
  return raisedAt === undefined || id === undefined ? undefined : [raisedAt, id];
});
