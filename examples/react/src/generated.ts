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

export type RuleFieldsFragment = { readonly id: string, readonly name: string, readonly opening: string, readonly graceSeconds: number, readonly maxOpenSeconds: number | null, readonly silentAfterSeconds: number | null, readonly onTamper: boolean, readonly onBatteryLow: boolean, readonly windows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string, readonly openBy: string | null }> | null, readonly calendar: { readonly id: string, readonly name: string } | null, readonly activeWindows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string }> | null };

export type ExceptionFieldsFragment = { readonly id: string, readonly openings: ReadonlyArray<string> | null, readonly effect: ExceptionEffect, readonly until: string, readonly reason: string };

export type RulesQueryVariables = Exact<{
  userId: Scalars['ID']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type RulesQuery = { readonly rules: { readonly totalCount: number, readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly id: string, readonly name: string, readonly opening: string, readonly graceSeconds: number, readonly maxOpenSeconds: number | null, readonly silentAfterSeconds: number | null, readonly onTamper: boolean, readonly onBatteryLow: boolean, readonly windows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string, readonly openBy: string | null }> | null, readonly calendar: { readonly id: string, readonly name: string } | null, readonly activeWindows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string }> | null } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } | null };

export type CalendarsQueryVariables = Exact<{
  userId: Scalars['ID']['input'];
}>;


export type CalendarsQuery = { readonly user: { readonly id: string, readonly calendars: ReadonlyArray<{ readonly id: string, readonly name: string }> | null } | null };

export type ActiveExceptionsQueryVariables = Exact<{
  userId: Scalars['ID']['input'];
}>;


export type ActiveExceptionsQuery = { readonly user: { readonly id: string, readonly exceptions: ReadonlyArray<{ readonly id: string, readonly openings: ReadonlyArray<string> | null, readonly effect: ExceptionEffect, readonly until: string, readonly reason: string }> | null } | null };

export type CreateRuleMutationVariables = Exact<{
  input: CreateRuleInput;
}>;


export type CreateRuleMutation = { readonly createRule: { readonly rule: { readonly id: string, readonly name: string, readonly opening: string, readonly graceSeconds: number, readonly maxOpenSeconds: number | null, readonly silentAfterSeconds: number | null, readonly onTamper: boolean, readonly onBatteryLow: boolean, readonly windows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string, readonly openBy: string | null }> | null, readonly calendar: { readonly id: string, readonly name: string } | null, readonly activeWindows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string }> | null } } };

export type CreateCalendarMutationVariables = Exact<{
  input: CreateCalendarInput;
}>;


export type CreateCalendarMutation = { readonly createCalendar: { readonly calendar: { readonly id: string, readonly name: string } } };

export type CreateExceptionMutationVariables = Exact<{
  input: CreateExceptionInput;
}>;


export type CreateExceptionMutation = { readonly createException: { readonly exception: { readonly id: string, readonly openings: ReadonlyArray<string> | null, readonly effect: ExceptionEffect, readonly until: string, readonly reason: string } } };

export type CancelExceptionMutationVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type CancelExceptionMutation = { readonly cancelException: { readonly exception: { readonly id: string } } };

export type RuleChangedSubscriptionVariables = Exact<{
  userId: Scalars['ID']['input'];
}>;


export type RuleChangedSubscription = { readonly ruleChanged: { readonly kind: RuleChangeKind, readonly rule: { readonly id: string, readonly name: string, readonly opening: string, readonly graceSeconds: number, readonly maxOpenSeconds: number | null, readonly silentAfterSeconds: number | null, readonly onTamper: boolean, readonly onBatteryLow: boolean, readonly windows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string, readonly openBy: string | null }> | null, readonly calendar: { readonly id: string, readonly name: string } | null, readonly activeWindows: ReadonlyArray<{ readonly days: ReadonlyArray<Weekday>, readonly opensAt: string, readonly closesAt: string }> | null } } };

export type HealthSubscriptionVariables = Exact<{
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type HealthSubscription = { readonly heartbeat: { readonly name: string, readonly status: HealthStatus, readonly reason: string, readonly since: string } };

export const RuleFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RuleFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rule"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"windows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"openBy"}}]}},{"kind":"Field","name":{"kind":"Name","value":"calendar"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"graceSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"maxOpenSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"silentAfterSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"onTamper"}},{"kind":"Field","name":{"kind":"Name","value":"onBatteryLow"}},{"kind":"Field","name":{"kind":"Name","value":"activeWindows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}}]}}]}}]} as unknown as DocumentNode<RuleFieldsFragment, unknown>;
export const ExceptionFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ExceptionFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"OpeningException"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"openings"}},{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"until"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]} as unknown as DocumentNode<ExceptionFieldsFragment, unknown>;
export const RulesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Rules"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rules"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RuleFields"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RuleFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rule"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"windows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"openBy"}}]}},{"kind":"Field","name":{"kind":"Name","value":"calendar"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"graceSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"maxOpenSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"silentAfterSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"onTamper"}},{"kind":"Field","name":{"kind":"Name","value":"onBatteryLow"}},{"kind":"Field","name":{"kind":"Name","value":"activeWindows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}}]}}]}}]} as unknown as DocumentNode<RulesQuery, RulesQueryVariables>;
export const CalendarsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Calendars"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"calendars"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<CalendarsQuery, CalendarsQueryVariables>;
export const ActiveExceptionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ActiveExceptions"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"exceptions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"active"},"value":{"kind":"BooleanValue","value":true}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ExceptionFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ExceptionFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"OpeningException"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"openings"}},{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"until"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]} as unknown as DocumentNode<ActiveExceptionsQuery, ActiveExceptionsQueryVariables>;
export const CreateRuleDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateRule"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RuleFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RuleFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rule"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"windows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"openBy"}}]}},{"kind":"Field","name":{"kind":"Name","value":"calendar"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"graceSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"maxOpenSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"silentAfterSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"onTamper"}},{"kind":"Field","name":{"kind":"Name","value":"onBatteryLow"}},{"kind":"Field","name":{"kind":"Name","value":"activeWindows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}}]}}]}}]} as unknown as DocumentNode<CreateRuleMutation, CreateRuleMutationVariables>;
export const CreateCalendarDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateCalendar"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateCalendarInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createCalendar"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"calendar"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<CreateCalendarMutation, CreateCalendarMutationVariables>;
export const CreateExceptionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateException"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateExceptionInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createException"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"exception"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ExceptionFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ExceptionFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"OpeningException"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"openings"}},{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"until"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]} as unknown as DocumentNode<CreateExceptionMutation, CreateExceptionMutationVariables>;
export const CancelExceptionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelException"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cancelException"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"exception"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<CancelExceptionMutation, CancelExceptionMutationVariables>;
export const RuleChangedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RuleChanged"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"ruleChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RuleFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RuleFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rule"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"windows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"openBy"}}]}},{"kind":"Field","name":{"kind":"Name","value":"calendar"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"graceSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"maxOpenSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"silentAfterSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"onTamper"}},{"kind":"Field","name":{"kind":"Name","value":"onBatteryLow"}},{"kind":"Field","name":{"kind":"Name","value":"activeWindows"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"days"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}}]}}]}}]} as unknown as DocumentNode<RuleChangedSubscription, RuleChangedSubscriptionVariables>;
export const HealthDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Health"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"heartbeat"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"since"}}]}}]}}]} as unknown as DocumentNode<HealthSubscription, HealthSubscriptionVariables>;