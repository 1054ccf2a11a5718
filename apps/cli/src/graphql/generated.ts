import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A date of the calendar: YYYY-MM-DD. */
  Date: { input: string; output: string; }
  /** An instant in RFC 3339. Input needs an offset; output is in UTC with milliseconds. */
  DateTime: { input: string; output: string; }
  /** A wall-clock time: HH:mm or HH:mm:ss. Output has seconds only if they are not 0. */
  LocalTime: { input: string; output: string; }
  /** An IANA time zone name, such as America/Bogota. */
  TimeZone: { input: string; output: string; }
};

export type AcknowledgeAlarmInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  readonly id: Scalars['ID']['input'];
  /** At most 500 characters, in one or more lines. */
  readonly note?: InputMaybe<Scalars['String']['input']>;
};

/** A weekly period in which a rule is in force. */
export type ActiveWindowInput = {
  /**
   * The wall-clock time at which the window ends, exclusive. Earlier than opensAt: on the following day. Equal to opensAt: at the
   * same time of the following day.
   */
  readonly closesAt: Scalars['LocalTime']['input'];
  /** The days on which the window starts. Null or absent: all seven. An empty list: none. */
  readonly days?: InputMaybe<ReadonlyArray<Weekday>>;
  /** The wall-clock time at which the window starts. */
  readonly opensAt: Scalars['LocalTime']['input'];
};

/** More kinds can be added. Treat an unknown one as UPDATED. */
export type AlarmChangeKind =
  | 'ACKNOWLEDGED'
  | 'CLAIMED'
  | 'CLEARED'
  /** The timeline has the text. */
  | 'COMMENTED'
  /** Also again after a retraction. */
  | 'RAISED'
  | 'RELEASED'
  | 'RESOLVED'
  | 'RETRACTED'
  | 'UPDATED';

export type AlarmFilter = {
  readonly acknowledged?: InputMaybe<Scalars['Boolean']['input']>;
  readonly kind?: InputMaybe<AlarmKind>;
  readonly opening?: InputMaybe<Scalars['String']['input']>;
  /** Alarms raised before this instant. */
  readonly raisedBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** Alarms raised at or after this instant. */
  readonly raisedFrom?: InputMaybe<Scalars['DateTime']['input']>;
  readonly ruleId?: InputMaybe<Scalars['ID']['input']>;
  readonly severity?: InputMaybe<ReadonlyArray<Severity>>;
  /** Without it, alarms of all statuses, including retracted ones. */
  readonly status?: InputMaybe<ReadonlyArray<AlarmStatus>>;
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

export type AlarmKind =
  /** The battery of the sensor was low. */
  | 'BATTERY_LOW'
  /** The opening was not opened by the time openBy of a window. */
  | 'NOT_OPENED'
  /** The opening was open for longer than maxOpenSeconds. */
  | 'OPEN_TOO_LONG'
  /** The opening was open outside the allowed hours. */
  | 'OUTSIDE_HOURS'
  /** The opening had no reading for longer than silentAfterSeconds. */
  | 'SILENT'
  /** The sensor was tampered with. */
  | 'TAMPERED';

export type AlarmQueueClaim =
  /** The caller has claimed the alarm. */
  | 'MINE'
  /** Nobody has claimed the alarm. */
  | 'UNCLAIMED';

export type AlarmQueueFilter = {
  /** Without it, claimed alarms and others. */
  readonly claim?: InputMaybe<AlarmQueueClaim>;
  readonly severity?: InputMaybe<ReadonlyArray<Severity>>;
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

export type AlarmResolutionCode =
  /** Guards or the police were sent. */
  | 'DISPATCHED'
  /** There was nothing: the sensor or the rule was wrong. */
  | 'FALSE_ALARM'
  /** Something else; the note says what. */
  | 'OTHER'
  /** Somebody tested the alarm. */
  | 'TEST'
  /** A person of the user's made a mistake, such as a forgotten door. */
  | 'USER_ERROR'
  /** It was real, and has been looked after. */
  | 'VERIFIED';

export type AlarmStatus =
  /** The condition lasts, for example because the opening is still open. */
  | 'ACTIVE'
  /** The condition ended, for example because the opening was closed. */
  | 'CLEARED'
  /** A late or withdrawn reading showed that the alarm was never due. */
  | 'RETRACTED';

export type AlarmTimelineKind =
  | 'ACKNOWLEDGED'
  | 'CLAIMED'
  | 'CLEARED'
  | 'COMMENTED'
  | 'RAISED'
  | 'RELEASED'
  | 'RESOLVED'
  | 'RETRACTED'
  /** Raised again after a retraction. */
  | 'RETURNED'
  /** Late or withdrawn readings have changed the alarm, for example its clearedAt. */
  | 'UPDATED';

export type AuditFilter = {
  readonly action?: InputMaybe<Scalars['String']['input']>;
  /** The id of the caller. */
  readonly actor?: InputMaybe<Scalars['ID']['input']>;
  /** Entries written at or after this instant. */
  readonly from?: InputMaybe<Scalars['DateTime']['input']>;
  readonly outcome?: InputMaybe<Scalars['String']['input']>;
  /** Entries written before this instant. */
  readonly until?: InputMaybe<Scalars['DateTime']['input']>;
  /** The user whose data the action concerns. */
  readonly user?: InputMaybe<Scalars['ID']['input']>;
};

/** The windows that start on one date, read in the time zone of each rule. */
export type CalendarDateInput = {
  readonly date: Scalars['Date']['input'];
  /** 1 to 120 characters, trimmed, such as the name of a holiday. */
  readonly label?: InputMaybe<Scalars['String']['input']>;
  /** At most 10. An empty list: closed on that day. */
  readonly windows: ReadonlyArray<CalendarWindowInput>;
};

export type CalendarWindowInput = {
  /**
   * The wall-clock time at which the window ends, exclusive. Earlier than opensAt: on the following day. Equal to opensAt: at the
   * same time of the following day.
   */
  readonly closesAt: Scalars['LocalTime']['input'];
  /**
   * The wall-clock time by which the opening must have been opened: from opensAt up to closesAt. Otherwise it is an alarm,
   * NOT_OPENED. Null or absent: it need not be opened.
   */
  readonly openBy?: InputMaybe<Scalars['LocalTime']['input']>;
  /** The wall-clock time at which the window starts. */
  readonly opensAt: Scalars['LocalTime']['input'];
};

export type CancelExceptionInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  readonly id: Scalars['ID']['input'];
};

export type ClaimAlarmInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  readonly id: Scalars['ID']['input'];
};

export type CommentAlarmInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  readonly id: Scalars['ID']['input'];
  /** 1 to 2000 characters, in one or more lines. */
  readonly text: Scalars['String']['input'];
};

export type CreateCalendarInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /** At most 2000 dates together with the holidays; each date once. */
  readonly dates: ReadonlyArray<CalendarDateInput>;
  /** Public holidays to add as dates without windows. A date in `dates` takes precedence. */
  readonly holidays?: InputMaybe<HolidaysInput>;
  /** 1 to 120 characters, trimmed; unique per user among calendars that are not deleted. */
  readonly name: Scalars['String']['input'];
  /** The owner of the calendar: the caller by default. Only an operator may name another user. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

export type CreateExceptionInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  readonly effect: ExceptionEffect;
  /** The start of the period. An instant in the past becomes now. */
  readonly from: Scalars['DateTime']['input'];
  /** The names of the openings, 1 to 100. Null or absent: all openings of the user, also new ones. */
  readonly openings?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** 1 to 500 characters, trimmed. */
  readonly reason: Scalars['String']['input'];
  /** The end of the period, exclusive: after now and after the start, at most 366 days after the start. */
  readonly until: Scalars['DateTime']['input'];
  /** The owner of the openings: the caller by default. Only an operator may name another user. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

/** A rule needs at least one of: hours (windows, or opensAt and closesAt), maxOpenSeconds, silentAfterSeconds, onTamper, onBatteryLow. */
export type CreateRuleInput = {
  /** When the rule is in force: at most 50 windows. Null or absent: always. An empty list: never. */
  readonly activeWindows?: InputMaybe<ReadonlyArray<ActiveWindowInput>>;
  /** A calendar of the user: on its dates, its windows start instead of those of the rule. */
  readonly calendarId?: InputMaybe<Scalars['ID']['input']>;
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /**
   * The short form of one window: the wall-clock time up to which, exclusive, the opening may be open. Earlier than opensAt: on the
   * following day. Equal to opensAt: at the same time of the following day.
   */
  readonly closesAt?: InputMaybe<Scalars['LocalTime']['input']>;
  /** The short form of one window: the days on which it starts. Null or absent: all seven. An empty list: never allowed. */
  readonly days?: InputMaybe<ReadonlyArray<Weekday>>;
  /** The instant from which the rule holds: now by default, any instant in the past, at most one year ahead. */
  readonly effectiveFrom?: InputMaybe<Scalars['DateTime']['input']>;
  readonly enabled?: Scalars['Boolean']['input'];
  /** How long the opening may be open outside its hours before it is an alarm: 0 to 3600 seconds. Null or absent: 0. */
  readonly graceSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** How long the opening may be open at a time: 1 to 604800 seconds. */
  readonly maxOpenSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** 1 to 120 characters, trimmed; unique per user and opening among rules that are not deleted. */
  readonly name: Scalars['String']['input'];
  /** Whether a low battery of the sensor is an alarm. Null or absent: false. */
  readonly onBatteryLow?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether it is an alarm if the sensor is tampered with. Null or absent: false. */
  readonly onTamper?: InputMaybe<Scalars['Boolean']['input']>;
  /** 1 to 80 characters, trimmed; case-sensitive. */
  readonly opening: Scalars['String']['input'];
  /**
   * The short form of one window: the wall-clock time from which the opening may be open. The short form and `windows` exclude
   * each other.
   */
  readonly opensAt?: InputMaybe<Scalars['LocalTime']['input']>;
  readonly severity?: Severity;
  /** How long the opening may be without a reading: 60 to 2592000 seconds. */
  readonly silentAfterSeconds?: InputMaybe<Scalars['Int']['input']>;
  readonly timeZone?: Scalars['TimeZone']['input'];
  /** The owner of the rule: the caller by default. Only an operator may name another user. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
  /**
   * When the opening may be open: at most 50 windows. Null or absent: no hours, unless opensAt and closesAt are given. An empty
   * list: never allowed.
   */
  readonly windows?: InputMaybe<ReadonlyArray<WindowInput>>;
};

export type DeleteCalendarInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /** The deletion is rejected with STALE_VERSION if the calendar is not at this version. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  readonly id: Scalars['ID']['input'];
};

export type DeleteRuleInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /** The deletion is rejected with STALE_VERSION if the rule is not at this version. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  readonly id: Scalars['ID']['input'];
};

export type EraseUserDataInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /** The id of the user, exactly as its tokens and rules name it. */
  readonly userId: Scalars['ID']['input'];
};

export type ExceptionEffect =
  /** The openings may be open, as if every rule had one more window. */
  | 'ALLOW'
  /** No alarm is due. What lasts at the end of the period is due then. */
  | 'SUSPEND';

export type HealthStatus =
  /** The service works, but it or another service reports a problem, or one of its instances is late or down. */
  | 'DEGRADED'
  /** No heartbeat for five intervals, or the last process stopped normally. */
  | 'DOWN'
  /** No heartbeat for two intervals. */
  | 'LATE'
  /** An operator has put the service into maintenance. */
  | 'MAINTENANCE'
  /** The status of the service is not determined yet, or cannot be determined now. */
  | 'UNKNOWN'
  /** Heartbeats arrive as expected. */
  | 'UP';

/** The public holidays of a country, from the library date-holidays. */
export type HolidaysInput = {
  /** The ISO 3166-1 code of the country, such as CO. */
  readonly country: Scalars['String']['input'];
  /**
   * A part of the country, as the second part of its ISO 3166-2 code: BY for Bavaria (DE-BY). A part of that part follows after a
   * dot. Null or absent: only the holidays of the whole country.
   */
  readonly region?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 10 years from 1970 to 2100, each once. */
  readonly years: ReadonlyArray<Scalars['Int']['input']>;
};

export type OpeningState =
  | 'CLOSED'
  | 'OPEN';

/** One report about an opening. It has at least one of: state, tampered, batteryLow. */
export type ReadingInput = {
  /**
   * At most 5 minutes ahead of the server's clock; an early reading takes effect at its instant. At most a day ago (a setting of
   * the installation), except from operators.
   */
  readonly at: Scalars['DateTime']['input'];
  /** Whether the battery of the sensor is low. Null or absent: the reading says nothing about it. */
  readonly batteryLow?: InputMaybe<Scalars['Boolean']['input']>;
  /**
   * Chosen by the client, 1 to 200 characters, unique per opening. A reading with a known id is a duplicate, even if its other
   * fields differ.
   */
  readonly id: Scalars['ID']['input'];
  /** 1 to 80 characters, trimmed; case-sensitive. A new name registers an opening. */
  readonly opening: Scalars['String']['input'];
  /** Null or absent: the reading says nothing about the state. */
  readonly state?: InputMaybe<OpeningState>;
  /** Whether the sensor is tampered with. Null or absent: the reading says nothing about it. */
  readonly tampered?: InputMaybe<Scalars['Boolean']['input']>;
};

export type RecordReadingsInput = {
  /** 1 to 1000 readings. */
  readonly readings: ReadonlyArray<ReadingInput>;
  /** The owner of the openings: the caller by default. Only an operator may name another user. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

export type RegisterDeviceInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 120 characters, trimmed. */
  readonly name: Scalars['String']['input'];
  /**
   * The names of the openings whose readings the device may record, 1 to 100. Null or absent: all openings of the user, also
   * new ones. An opening need not have readings yet.
   */
  readonly openings?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** The user whose readings the device records. */
  readonly userId: Scalars['ID']['input'];
};

export type ReleaseAlarmInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  readonly id: Scalars['ID']['input'];
};

export type ResolveAlarmInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  readonly code: AlarmResolutionCode;
  readonly id: Scalars['ID']['input'];
  /** At most 500 characters, in one or more lines. */
  readonly note?: InputMaybe<Scalars['String']['input']>;
};

export type RevokeDeviceInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  readonly id: Scalars['ID']['input'];
};

export type RuleChangeKind =
  | 'CREATED'
  | 'DELETED'
  | 'UPDATED';

export type RuleFilter = {
  readonly enabled?: InputMaybe<Scalars['Boolean']['input']>;
  readonly opening?: InputMaybe<Scalars['String']['input']>;
  /** A part of the name. Case and accents are ignored. */
  readonly search?: InputMaybe<Scalars['String']['input']>;
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

export type Severity =
  | 'CRITICAL'
  | 'INFO'
  | 'WARNING';

/** A rule that is not stored. The fields are those of CreateRuleInput. */
export type SimulatedRuleInput = {
  /** When the rule is in force: at most 50 windows. Null or absent: always. An empty list: never. */
  readonly activeWindows?: InputMaybe<ReadonlyArray<ActiveWindowInput>>;
  /** A calendar of the user: on its dates, its windows start instead of those of the rule. */
  readonly calendarId?: InputMaybe<Scalars['ID']['input']>;
  /**
   * The short form of one window: the wall-clock time up to which, exclusive, the opening may be open. Earlier than opensAt: on the
   * following day. Equal to opensAt: at the same time of the following day.
   */
  readonly closesAt?: InputMaybe<Scalars['LocalTime']['input']>;
  /** The short form of one window: the days on which it starts. Null or absent: all seven. An empty list: never allowed. */
  readonly days?: InputMaybe<ReadonlyArray<Weekday>>;
  /** How long the opening may be open outside its hours before it is an alarm: 0 to 3600 seconds. Null or absent: 0. */
  readonly graceSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** How long the opening may be open at a time: 1 to 604800 seconds. */
  readonly maxOpenSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** Whether a low battery of the sensor is an alarm. Null or absent: false. */
  readonly onBatteryLow?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether it is an alarm if the sensor is tampered with. Null or absent: false. */
  readonly onTamper?: InputMaybe<Scalars['Boolean']['input']>;
  readonly opening: Scalars['String']['input'];
  /**
   * The short form of one window: the wall-clock time from which the opening may be open. The short form and `windows` exclude
   * each other.
   */
  readonly opensAt?: InputMaybe<Scalars['LocalTime']['input']>;
  /** How long the opening may be without a reading: 60 to 2592000 seconds. */
  readonly silentAfterSeconds?: InputMaybe<Scalars['Int']['input']>;
  readonly timeZone?: Scalars['TimeZone']['input'];
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
  /**
   * When the opening may be open: at most 50 windows. Null or absent: no hours, unless opensAt and closesAt are given. An empty
   * list: never allowed.
   */
  readonly windows?: InputMaybe<ReadonlyArray<WindowInput>>;
};

/** An absent field keeps its value. No field accepts null except `holidays`, where it means none. */
export type UpdateCalendarInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /** All dates of the calendar, in the place of the present ones. */
  readonly dates?: InputMaybe<ReadonlyArray<CalendarDateInput>>;
  /** The change is rejected with STALE_VERSION if the calendar is not at this version. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** Public holidays to add as dates without windows. A date that the calendar has, or that is in `dates`, takes precedence. */
  readonly holidays?: InputMaybe<HolidaysInput>;
  readonly id: Scalars['ID']['input'];
  readonly name?: InputMaybe<Scalars['String']['input']>;
};

/**
 * An absent field keeps its value. Null clears a field that is nullable in `Rule`; for `days` it means all seven days, for
 * graceSeconds 0, for onTamper and onBatteryLow false. Other fields do not accept null.
 *
 * `windows` and the short form (opensAt, closesAt, days) exclude each other. Each replaces all windows. If the rule has several
 * windows, the short form needs opensAt and closesAt.
 */
export type UpdateRuleInput = {
  readonly activeWindows?: InputMaybe<ReadonlyArray<ActiveWindowInput>>;
  readonly calendarId?: InputMaybe<Scalars['ID']['input']>;
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  readonly closesAt?: InputMaybe<Scalars['LocalTime']['input']>;
  readonly days?: InputMaybe<ReadonlyArray<Weekday>>;
  readonly enabled?: InputMaybe<Scalars['Boolean']['input']>;
  /** The change is rejected with STALE_VERSION if the rule is not at this version. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  readonly graceSeconds?: InputMaybe<Scalars['Int']['input']>;
  readonly id: Scalars['ID']['input'];
  readonly maxOpenSeconds?: InputMaybe<Scalars['Int']['input']>;
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly onBatteryLow?: InputMaybe<Scalars['Boolean']['input']>;
  readonly onTamper?: InputMaybe<Scalars['Boolean']['input']>;
  readonly opensAt?: InputMaybe<Scalars['LocalTime']['input']>;
  readonly severity?: InputMaybe<Severity>;
  readonly silentAfterSeconds?: InputMaybe<Scalars['Int']['input']>;
  readonly timeZone?: InputMaybe<Scalars['TimeZone']['input']>;
  readonly windows?: InputMaybe<ReadonlyArray<WindowInput>>;
};

/** A period that ends now. */
export type UptimeWindow =
  | 'DAY'
  | 'HOUR'
  /** 30 days. */
  | 'MONTH'
  /** 7 days. */
  | 'WEEK';

export type Weekday =
  | 'FRIDAY'
  | 'MONDAY'
  | 'SATURDAY'
  | 'SUNDAY'
  | 'THURSDAY'
  | 'TUESDAY'
  | 'WEDNESDAY';

/**
 * A weekly period in which the opening may be open. It belongs to the day on which it starts. Windows that touch or overlap act as
 * one.
 */
export type WindowInput = {
  /**
   * The wall-clock time at which the window ends, exclusive. Earlier than opensAt: on the following day. Equal to opensAt: at the
   * same time of the following day.
   */
  readonly closesAt: Scalars['LocalTime']['input'];
  /** The days on which the window starts. Null or absent: all seven. An empty list: none. */
  readonly days?: InputMaybe<ReadonlyArray<Weekday>>;
  /**
   * The wall-clock time by which the opening must have been opened: from opensAt up to closesAt. Otherwise it is an alarm,
   * NOT_OPENED. Null or absent: it need not be opened.
   */
  readonly openBy?: InputMaybe<Scalars['LocalTime']['input']>;
  /** The wall-clock time at which the window starts. */
  readonly opensAt: Scalars['LocalTime']['input'];
};

export type WithdrawReadingsInput = {
  /** The ids of 1 to 1000 readings. */
  readonly ids: ReadonlyArray<Scalars['ID']['input']>;
  /** The name of the opening. */
  readonly opening: Scalars['String']['input'];
  /** Why the readings are wrong: 1 to 500 characters, trimmed. */
  readonly reason: Scalars['String']['input'];
  /** The owner of the opening: the caller by default. Only an operator may name another user. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

export type RuleColumnsFragment = { readonly id: string, readonly name: string, readonly opening: string, readonly graceSeconds: number, readonly maxOpenSeconds: number | null, readonly silentAfterSeconds: number | null, readonly onTamper: boolean, readonly onBatteryLow: boolean, readonly timeZone: string, readonly severity: Severity, readonly effectiveFrom: string, readonly enabled: boolean, readonly user: { readonly id: string }, readonly windows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string, readonly openBy: string | null }> | null, readonly calendar: { readonly id: string, readonly name: string } | null, readonly activeWindows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string }> | null };

export type AlarmColumnsFragment = { readonly id: string, readonly opening: string, readonly kind: AlarmKind, readonly severity: Severity, readonly status: AlarmStatus, readonly raisedAt: string, readonly clearedAt: string | null, readonly acknowledgedAt: string | null, readonly acknowledgedBy: string | null, readonly note: string | null, readonly reason: string, readonly claimedBy: string | null, readonly claimedAt: string | null, readonly user: { readonly id: string }, readonly rule: { readonly id: string, readonly name: string }, readonly resolution: { readonly code: AlarmResolutionCode, readonly note: string | null, readonly by: string, readonly at: string } | null };

export type CheckAccessQueryVariables = Exact<{ [key: string]: never; }>;


export type CheckAccessQuery = { readonly __typename: 'Query' };

export type RulesOfUserQueryVariables = Exact<{
  userId: Scalars['ID']['input'];
  filter?: InputMaybe<RuleFilter>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type RulesOfUserQuery = { readonly user: { readonly rules: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly opening: string, readonly graceSeconds: number, readonly maxOpenSeconds: number | null, readonly silentAfterSeconds: number | null, readonly onTamper: boolean, readonly onBatteryLow: boolean, readonly timeZone: string, readonly severity: Severity, readonly effectiveFrom: string, readonly enabled: boolean, readonly user: { readonly id: string }, readonly windows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string, readonly openBy: string | null }> | null, readonly calendar: { readonly id: string, readonly name: string } | null, readonly activeWindows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string }> | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } | null } | null };

export type ExportRulesQueryVariables = Exact<{
  filter?: InputMaybe<RuleFilter>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type ExportRulesQuery = { readonly rules: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly opening: string, readonly graceSeconds: number, readonly maxOpenSeconds: number | null, readonly silentAfterSeconds: number | null, readonly onTamper: boolean, readonly onBatteryLow: boolean, readonly timeZone: string, readonly severity: Severity, readonly effectiveFrom: string, readonly enabled: boolean, readonly user: { readonly id: string }, readonly windows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string, readonly openBy: string | null }> | null, readonly calendar: { readonly id: string, readonly name: string } | null, readonly activeWindows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string }> | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } | null };

export type ExportAlarmsQueryVariables = Exact<{
  filter?: InputMaybe<AlarmFilter>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type ExportAlarmsQuery = { readonly alarms: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly opening: string, readonly kind: AlarmKind, readonly severity: Severity, readonly status: AlarmStatus, readonly raisedAt: string, readonly clearedAt: string | null, readonly acknowledgedAt: string | null, readonly acknowledgedBy: string | null, readonly note: string | null, readonly reason: string, readonly claimedBy: string | null, readonly claimedAt: string | null, readonly user: { readonly id: string }, readonly rule: { readonly id: string, readonly name: string }, readonly resolution: { readonly code: AlarmResolutionCode, readonly note: string | null, readonly by: string, readonly at: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } | null };

export type AlarmCountsOfRuleQueryVariables = Exact<{
  userId: Scalars['ID']['input'];
  ruleId: Scalars['ID']['input'];
}>;


export type AlarmCountsOfRuleQuery = { readonly OUTSIDE_HOURS: { readonly totalCount: number } | null, readonly OPEN_TOO_LONG: { readonly totalCount: number } | null, readonly SILENT: { readonly totalCount: number } | null, readonly NOT_OPENED: { readonly totalCount: number } | null, readonly TAMPERED: { readonly totalCount: number } | null, readonly BATTERY_LOW: { readonly totalCount: number } | null };

export type AlarmCountOfUserQueryVariables = Exact<{
  userId: Scalars['ID']['input'];
}>;


export type AlarmCountOfUserQuery = { readonly alarms: { readonly totalCount: number } | null };

export type ReadRuleQueryVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type ReadRuleQuery = { readonly rule: { readonly id: string, readonly version: number } | null };

export type HealthQueryVariables = Exact<{ [key: string]: never; }>;


export type HealthQuery = { readonly services: ReadonlyArray<{ readonly name: string, readonly status: HealthStatus, readonly reason: string, readonly since: string, readonly lastBeatAt: string | null, readonly instances: ReadonlyArray<{ readonly id: string, readonly status: HealthStatus, readonly version: string, readonly startedAt: string, readonly lastBeatAt: string }> }> | null };

export type CreateRuleMutationVariables = Exact<{
  input: CreateRuleInput;
}>;


export type CreateRuleMutation = { readonly createRule: { readonly rule: { readonly id: string, readonly name: string, readonly version: number } } };

export type CreateRulesMutationVariables = Exact<{
  row1: CreateRuleInput;
  row2: CreateRuleInput;
  row3: CreateRuleInput;
  row4: CreateRuleInput;
  row5: CreateRuleInput;
  row6: CreateRuleInput;
  row7: CreateRuleInput;
  row8: CreateRuleInput;
  row9: CreateRuleInput;
  row10: CreateRuleInput;
}>;


export type CreateRulesMutation = { readonly row1: { readonly rule: { readonly id: string } }, readonly row2: { readonly rule: { readonly id: string } }, readonly row3: { readonly rule: { readonly id: string } }, readonly row4: { readonly rule: { readonly id: string } }, readonly row5: { readonly rule: { readonly id: string } }, readonly row6: { readonly rule: { readonly id: string } }, readonly row7: { readonly rule: { readonly id: string } }, readonly row8: { readonly rule: { readonly id: string } }, readonly row9: { readonly rule: { readonly id: string } }, readonly row10: { readonly rule: { readonly id: string } } };

export type CreatedRuleFragment = { readonly rule: { readonly id: string } };

export type DeleteRuleMutationVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type DeleteRuleMutation = { readonly deleteRule: { readonly rule: { readonly id: string } } };

export type RecordReadingsMutationVariables = Exact<{
  input: RecordReadingsInput;
}>;


export type RecordReadingsMutation = { readonly recordReadings: { readonly accepted: number, readonly duplicates: number, readonly refused: ReadonlyArray<{ readonly id: string, readonly index: number, readonly code: string, readonly message: string }> } };

export type AcknowledgeAlarmMutationVariables = Exact<{
  id: Scalars['ID']['input'];
  note?: InputMaybe<Scalars['String']['input']>;
}>;


export type AcknowledgeAlarmMutation = { readonly acknowledgeAlarm: { readonly alarm: { readonly acknowledgedBy: string | null } } };

export type LiveAlarmsSubscriptionVariables = Exact<{
  userId: Scalars['ID']['input'];
}>;


export type LiveAlarmsSubscription = { readonly alarmChanged: { readonly kind: AlarmChangeKind, readonly alarm: { readonly id: string, readonly opening: string, readonly kind: AlarmKind, readonly severity: Severity, readonly status: AlarmStatus, readonly raisedAt: string, readonly clearedAt: string | null, readonly acknowledgedAt: string | null, readonly acknowledgedBy: string | null, readonly note: string | null, readonly reason: string, readonly claimedBy: string | null, readonly claimedAt: string | null, readonly user: { readonly id: string }, readonly rule: { readonly id: string, readonly name: string }, readonly resolution: { readonly code: AlarmResolutionCode, readonly note: string | null, readonly by: string, readonly at: string } | null } } };

export type LiveHealthSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type LiveHealthSubscription = { readonly heartbeat: { readonly name: string, readonly status: HealthStatus, readonly reason: string } };

export type UpdateRuleMutationVariables = Exact<{
  input: UpdateRuleInput;
}>;


export type UpdateRuleMutation = { readonly updateRule: { readonly rule: { readonly id: string, readonly version: number } } };

export type CalendarNamesOfUserQueryVariables = Exact<{
  userId: Scalars['ID']['input'];
}>;


export type CalendarNamesOfUserQuery = { readonly user: { readonly calendars: ReadonlyArray<{ readonly id: string, readonly name: string }> | null } | null };

export type CalendarWithDatesFragment = { readonly id: string, readonly name: string, readonly version: number, readonly dates: ReadonlyArray<{ readonly date: string, readonly label: string | null, readonly windows: ReadonlyArray<{ readonly opensAt: string, readonly closesAt: string, readonly openBy: string | null }> }> };

export type CalendarsOfUserQueryVariables = Exact<{
  userId: Scalars['ID']['input'];
}>;


export type CalendarsOfUserQuery = { readonly user: { readonly calendars: ReadonlyArray<{ readonly id: string, readonly name: string, readonly version: number, readonly dates: ReadonlyArray<{ readonly date: string, readonly label: string | null, readonly windows: ReadonlyArray<{ readonly opensAt: string, readonly closesAt: string, readonly openBy: string | null }> }> }> | null } | null };

export type CreateCalendarMutationVariables = Exact<{
  input: CreateCalendarInput;
}>;


export type CreateCalendarMutation = { readonly createCalendar: { readonly calendar: { readonly id: string, readonly name: string, readonly version: number, readonly dates: ReadonlyArray<{ readonly date: string, readonly label: string | null, readonly windows: ReadonlyArray<{ readonly opensAt: string, readonly closesAt: string, readonly openBy: string | null }> }> } } };

export type UpdateCalendarMutationVariables = Exact<{
  input: UpdateCalendarInput;
}>;


export type UpdateCalendarMutation = { readonly updateCalendar: { readonly calendar: { readonly id: string, readonly name: string, readonly version: number, readonly dates: ReadonlyArray<{ readonly date: string, readonly label: string | null, readonly windows: ReadonlyArray<{ readonly opensAt: string, readonly closesAt: string, readonly openBy: string | null }> }> } } };

export type DeleteCalendarMutationVariables = Exact<{
  input: DeleteCalendarInput;
}>;


export type DeleteCalendarMutation = { readonly deleteCalendar: { readonly calendar: { readonly id: string } } };

export type ExceptionColumnsFragment = { readonly id: string, readonly openings: ReadonlyArray<string> | null, readonly effect: ExceptionEffect, readonly from: string, readonly until: string, readonly reason: string, readonly createdBy: string, readonly cancelledAt: string | null };

export type ExceptionsOfUserQueryVariables = Exact<{
  userId: Scalars['ID']['input'];
}>;


export type ExceptionsOfUserQuery = { readonly user: { readonly exceptions: ReadonlyArray<{ readonly id: string, readonly openings: ReadonlyArray<string> | null, readonly effect: ExceptionEffect, readonly from: string, readonly until: string, readonly reason: string, readonly createdBy: string, readonly cancelledAt: string | null }> | null } | null };

export type CreateExceptionMutationVariables = Exact<{
  input: CreateExceptionInput;
}>;


export type CreateExceptionMutation = { readonly createException: { readonly exception: { readonly id: string, readonly openings: ReadonlyArray<string> | null, readonly effect: ExceptionEffect, readonly from: string, readonly until: string, readonly reason: string, readonly createdBy: string, readonly cancelledAt: string | null } } };

export type CancelExceptionMutationVariables = Exact<{
  input: CancelExceptionInput;
}>;


export type CancelExceptionMutation = { readonly cancelException: { readonly exception: { readonly id: string, readonly openings: ReadonlyArray<string> | null, readonly effect: ExceptionEffect, readonly from: string, readonly until: string, readonly reason: string, readonly createdBy: string, readonly cancelledAt: string | null } } };

export const RuleColumnsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RuleColumns"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rule"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"windows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"openBy"}}]}},{"kind":"Field","name":{"kind":"Name","value":"calendar"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"graceSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"maxOpenSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"activeWindows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"silentAfterSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"onTamper"}},{"kind":"Field","name":{"kind":"Name","value":"onBatteryLow"}},{"kind":"Field","name":{"kind":"Name","value":"timeZone"}},{"kind":"Field","name":{"kind":"Name","value":"severity"}},{"kind":"Field","name":{"kind":"Name","value":"effectiveFrom"}},{"kind":"Field","name":{"kind":"Name","value":"enabled"}}]}}]} as unknown as DocumentNode<RuleColumnsFragment, unknown>;
export const AlarmColumnsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AlarmColumns"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Alarm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"severity"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"raisedAt"}},{"kind":"Field","name":{"kind":"Name","value":"clearedAt"}},{"kind":"Field","name":{"kind":"Name","value":"acknowledgedAt"}},{"kind":"Field","name":{"kind":"Name","value":"acknowledgedBy"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"claimedBy"}},{"kind":"Field","name":{"kind":"Name","value":"claimedAt"}},{"kind":"Field","name":{"kind":"Name","value":"resolution"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","name":{"kind":"Name","value":"by"}},{"kind":"Field","name":{"kind":"Name","value":"at"}}]}}]}}]} as unknown as DocumentNode<AlarmColumnsFragment, unknown>;
export const CreatedRuleFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CreatedRule"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRulePayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]} as unknown as DocumentNode<CreatedRuleFragment, unknown>;
export const CalendarWithDatesFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CalendarWithDates"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Calendar"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"dates"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"date"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"windows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"openBy"}}]}}]}}]}}]} as unknown as DocumentNode<CalendarWithDatesFragment, unknown>;
export const ExceptionColumnsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ExceptionColumns"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"OpeningException"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"openings"}},{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"until"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"createdBy"}},{"kind":"Field","name":{"kind":"Name","value":"cancelledAt"}}]}}]} as unknown as DocumentNode<ExceptionColumnsFragment, unknown>;
export const CheckAccessDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CheckAccess"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}}]}}]} as unknown as DocumentNode<CheckAccessQuery, CheckAccessQueryVariables>;
export const RulesOfUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"RulesOfUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"RuleFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rules"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RuleColumns"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RuleColumns"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rule"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"windows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"openBy"}}]}},{"kind":"Field","name":{"kind":"Name","value":"calendar"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"graceSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"maxOpenSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"activeWindows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"silentAfterSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"onTamper"}},{"kind":"Field","name":{"kind":"Name","value":"onBatteryLow"}},{"kind":"Field","name":{"kind":"Name","value":"timeZone"}},{"kind":"Field","name":{"kind":"Name","value":"severity"}},{"kind":"Field","name":{"kind":"Name","value":"effectiveFrom"}},{"kind":"Field","name":{"kind":"Name","value":"enabled"}}]}}]} as unknown as DocumentNode<RulesOfUserQuery, RulesOfUserQueryVariables>;
export const ExportRulesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ExportRules"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"RuleFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rules"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RuleColumns"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RuleColumns"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rule"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"windows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"openBy"}}]}},{"kind":"Field","name":{"kind":"Name","value":"calendar"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"graceSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"maxOpenSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"activeWindows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"silentAfterSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"onTamper"}},{"kind":"Field","name":{"kind":"Name","value":"onBatteryLow"}},{"kind":"Field","name":{"kind":"Name","value":"timeZone"}},{"kind":"Field","name":{"kind":"Name","value":"severity"}},{"kind":"Field","name":{"kind":"Name","value":"effectiveFrom"}},{"kind":"Field","name":{"kind":"Name","value":"enabled"}}]}}]} as unknown as DocumentNode<ExportRulesQuery, ExportRulesQueryVariables>;
export const ExportAlarmsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ExportAlarms"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"AlarmFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"alarms"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"AlarmColumns"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AlarmColumns"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Alarm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"severity"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"raisedAt"}},{"kind":"Field","name":{"kind":"Name","value":"clearedAt"}},{"kind":"Field","name":{"kind":"Name","value":"acknowledgedAt"}},{"kind":"Field","name":{"kind":"Name","value":"acknowledgedBy"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"claimedBy"}},{"kind":"Field","name":{"kind":"Name","value":"claimedAt"}},{"kind":"Field","name":{"kind":"Name","value":"resolution"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","name":{"kind":"Name","value":"by"}},{"kind":"Field","name":{"kind":"Name","value":"at"}}]}}]}}]} as unknown as DocumentNode<ExportAlarmsQuery, ExportAlarmsQueryVariables>;
export const AlarmCountsOfRuleDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"AlarmCountsOfRule"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ruleId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"OUTSIDE_HOURS"},"name":{"kind":"Name","value":"alarms"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"ruleId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ruleId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"kind"},"value":{"kind":"EnumValue","value":"OUTSIDE_HOURS"}},{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"ACTIVE"},{"kind":"EnumValue","value":"CLEARED"}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"OPEN_TOO_LONG"},"name":{"kind":"Name","value":"alarms"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"ruleId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ruleId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"kind"},"value":{"kind":"EnumValue","value":"OPEN_TOO_LONG"}},{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"ACTIVE"},{"kind":"EnumValue","value":"CLEARED"}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"SILENT"},"name":{"kind":"Name","value":"alarms"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"ruleId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ruleId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"kind"},"value":{"kind":"EnumValue","value":"SILENT"}},{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"ACTIVE"},{"kind":"EnumValue","value":"CLEARED"}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"NOT_OPENED"},"name":{"kind":"Name","value":"alarms"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"ruleId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ruleId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"kind"},"value":{"kind":"EnumValue","value":"NOT_OPENED"}},{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"ACTIVE"},{"kind":"EnumValue","value":"CLEARED"}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"TAMPERED"},"name":{"kind":"Name","value":"alarms"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"ruleId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ruleId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"kind"},"value":{"kind":"EnumValue","value":"TAMPERED"}},{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"ACTIVE"},{"kind":"EnumValue","value":"CLEARED"}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"BATTERY_LOW"},"name":{"kind":"Name","value":"alarms"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"ruleId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ruleId"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"kind"},"value":{"kind":"EnumValue","value":"BATTERY_LOW"}},{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"ACTIVE"},{"kind":"EnumValue","value":"CLEARED"}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}}]} as unknown as DocumentNode<AlarmCountsOfRuleQuery, AlarmCountsOfRuleQueryVariables>;
export const AlarmCountOfUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"AlarmCountOfUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"alarms"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}}]} as unknown as DocumentNode<AlarmCountOfUserQuery, AlarmCountOfUserQueryVariables>;
export const ReadRuleDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ReadRule"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]}}]} as unknown as DocumentNode<ReadRuleQuery, ReadRuleQueryVariables>;
export const HealthDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Health"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"services"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"since"}},{"kind":"Field","name":{"kind":"Name","value":"lastBeatAt"}},{"kind":"Field","name":{"kind":"Name","value":"instances"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastBeatAt"}}]}}]}}]}}]} as unknown as DocumentNode<HealthQuery, HealthQueryVariables>;
export const CreateRuleDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateRule"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]}}]}}]} as unknown as DocumentNode<CreateRuleMutation, CreateRuleMutationVariables>;
export const CreateRulesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateRules"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"row1"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"row2"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"row3"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"row4"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"row5"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"row6"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"row7"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"row8"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"row9"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"row10"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"row1"},"name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"row1"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CreatedRule"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"row2"},"name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"row2"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CreatedRule"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"row3"},"name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"row3"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CreatedRule"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"row4"},"name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"row4"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CreatedRule"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"row5"},"name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"row5"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CreatedRule"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"row6"},"name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"row6"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CreatedRule"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"row7"},"name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"row7"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CreatedRule"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"row8"},"name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"row8"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CreatedRule"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"row9"},"name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"row9"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CreatedRule"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"row10"},"name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"row10"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CreatedRule"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CreatedRule"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRulePayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]} as unknown as DocumentNode<CreateRulesMutation, CreateRulesMutationVariables>;
export const DeleteRuleDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteRule"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<DeleteRuleMutation, DeleteRuleMutationVariables>;
export const RecordReadingsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecordReadings"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordReadingsInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordReadings"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"accepted"}},{"kind":"Field","name":{"kind":"Name","value":"duplicates"}},{"kind":"Field","name":{"kind":"Name","value":"refused"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"index"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RecordReadingsMutation, RecordReadingsMutationVariables>;
export const AcknowledgeAlarmDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AcknowledgeAlarm"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"note"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"acknowledgeAlarm"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"note"},"value":{"kind":"Variable","name":{"kind":"Name","value":"note"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"alarm"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"acknowledgedBy"}}]}}]}}]}}]} as unknown as DocumentNode<AcknowledgeAlarmMutation, AcknowledgeAlarmMutationVariables>;
export const LiveAlarmsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"LiveAlarms"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"alarmChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"alarm"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"AlarmColumns"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AlarmColumns"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Alarm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"severity"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"raisedAt"}},{"kind":"Field","name":{"kind":"Name","value":"clearedAt"}},{"kind":"Field","name":{"kind":"Name","value":"acknowledgedAt"}},{"kind":"Field","name":{"kind":"Name","value":"acknowledgedBy"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"claimedBy"}},{"kind":"Field","name":{"kind":"Name","value":"claimedAt"}},{"kind":"Field","name":{"kind":"Name","value":"resolution"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","name":{"kind":"Name","value":"by"}},{"kind":"Field","name":{"kind":"Name","value":"at"}}]}}]}}]} as unknown as DocumentNode<LiveAlarmsSubscription, LiveAlarmsSubscriptionVariables>;
export const LiveHealthDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"LiveHealth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"heartbeat"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<LiveHealthSubscription, LiveHealthSubscriptionVariables>;
export const UpdateRuleDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpdateRule"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateRuleInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]}}]}}]} as unknown as DocumentNode<UpdateRuleMutation, UpdateRuleMutationVariables>;
export const CalendarNamesOfUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CalendarNamesOfUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"calendars"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<CalendarNamesOfUserQuery, CalendarNamesOfUserQueryVariables>;
export const CalendarsOfUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CalendarsOfUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"calendars"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CalendarWithDates"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CalendarWithDates"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Calendar"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"dates"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"date"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"windows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"openBy"}}]}}]}}]}}]} as unknown as DocumentNode<CalendarsOfUserQuery, CalendarsOfUserQueryVariables>;
export const CreateCalendarDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateCalendar"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateCalendarInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createCalendar"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"calendar"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CalendarWithDates"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CalendarWithDates"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Calendar"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"dates"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"date"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"windows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"openBy"}}]}}]}}]}}]} as unknown as DocumentNode<CreateCalendarMutation, CreateCalendarMutationVariables>;
export const UpdateCalendarDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpdateCalendar"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateCalendarInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateCalendar"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"calendar"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CalendarWithDates"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CalendarWithDates"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Calendar"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"dates"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"date"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"windows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"openBy"}}]}}]}}]}}]} as unknown as DocumentNode<UpdateCalendarMutation, UpdateCalendarMutationVariables>;
export const DeleteCalendarDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteCalendar"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteCalendarInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteCalendar"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"calendar"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<DeleteCalendarMutation, DeleteCalendarMutationVariables>;
export const ExceptionsOfUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ExceptionsOfUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"exceptions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ExceptionColumns"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ExceptionColumns"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"OpeningException"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"openings"}},{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"until"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"createdBy"}},{"kind":"Field","name":{"kind":"Name","value":"cancelledAt"}}]}}]} as unknown as DocumentNode<ExceptionsOfUserQuery, ExceptionsOfUserQueryVariables>;
export const CreateExceptionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateException"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateExceptionInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createException"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"exception"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ExceptionColumns"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ExceptionColumns"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"OpeningException"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"openings"}},{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"until"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"createdBy"}},{"kind":"Field","name":{"kind":"Name","value":"cancelledAt"}}]}}]} as unknown as DocumentNode<CreateExceptionMutation, CreateExceptionMutationVariables>;
export const CancelExceptionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelException"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CancelExceptionInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cancelException"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"exception"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ExceptionColumns"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ExceptionColumns"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"OpeningException"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"openings"}},{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"from"}},{"kind":"Field","name":{"kind":"Name","value":"until"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"createdBy"}},{"kind":"Field","name":{"kind":"Name","value":"cancelledAt"}}]}}]} as unknown as DocumentNode<CancelExceptionMutation, CancelExceptionMutationVariables>;