import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { RuleState, AlarmState, DeviceState, CalendarState, OpeningExceptionState } from '@seguridad-abc/contracts';
import type { Context } from './context.js';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An instant in RFC 3339. Input needs an offset; output is in UTC with milliseconds. */
  DateTime: { input: string; output: string; }
  /** A wall-clock time: HH:mm or HH:mm:ss. Output has seconds only if they are not 0. */
  LocalTime: { input: string; output: string; }
  /** An IANA time zone name, such as America/Bogota. */
  TimeZone: { input: string; output: string; }
  /** A date of the calendar: YYYY-MM-DD. */
  Date: { input: string; output: string; }
  _FieldSet: { input: string; output: string; }
};

/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Codes: BAD_USER_INPUT, CONFLICT (the user already has a rule of this name for this opening), QUOTA_EXCEEDED (too many rules
   * or openings; `extensions.limit` is the quota).
   */
  createRule: CreateRulePayload;
  /** Codes: BAD_USER_INPUT, NOT_FOUND, CONFLICT, STALE_VERSION (`extensions.version` is the present version). */
  updateRule: UpdateRulePayload;
  /** Codes: NOT_FOUND, STALE_VERSION. */
  deleteRule: DeleteRulePayload;
  /**
   * Records readings, in any order and any number of times. Each reading is accepted, a duplicate, or refused; a refused
   * reading does not affect the others. Alarms are evaluated after all readings. Codes: BAD_USER_INPUT (fewer than 1 or more
   * than 1000 readings), FORBIDDEN (a device sends a reading of an opening that is not its own), QUOTA_EXCEEDED (too many
   * openings, alarms of one command, or readings in a minute: `extensions.retryAfter` is then the time in seconds after which to send them again).
   */
  recordReadings: RecordReadingsPayload;
  /**
   * Withdraws readings of one opening that are wrong: intervals and alarms become as if the readings had never arrived. Their ids
   * stay used. To withdraw them again changes nothing. A customer cannot withdraw readings from the time of an ACTIVE alarm: from
   * the start of its interval, silence or window on; of a window in which nobody has opened, also the closing before it. Codes:
   * BAD_USER_INPUT, FORBIDDEN, CONFLICT (some are from the time of an ACTIVE alarm; `extensions.alarmIds` and `extensions.readingIds` name them), QUOTA_EXCEEDED (readings in a minute).
   */
  withdrawReadings: WithdrawReadingsPayload;
  /**
   * Creates a calendar, which rules can name. Codes: BAD_USER_INPUT, CONFLICT (the user already has a calendar of this name),
   * QUOTA_EXCEEDED (too many calendars; `extensions.limit` is the quota).
   */
  createCalendar: CreateCalendarPayload;
  /**
   * Changes a calendar. New dates begin a new version of every rule that names the calendar: what happened before is not evaluated
   * again. Codes: BAD_USER_INPUT, NOT_FOUND, CONFLICT, STALE_VERSION (`extensions.version` is the present version), QUOTA_EXCEEDED
   * (too many changes lately).
   */
  updateCalendar: UpdateCalendarPayload;
  /**
   * Deletes a calendar that no rule names. Codes: NOT_FOUND, STALE_VERSION, CONFLICT (rules name it; `extensions.ruleIds` lists up
   * to 10 of them).
   */
  deleteCalendar: DeleteCalendarPayload;
  /**
   * Allows openings to be open for a period, or suspends their alarms. It has no effect on the past. Codes: BAD_USER_INPUT,
   * QUOTA_EXCEEDED (too many exceptions that have not ended; `extensions.limit` is the quota).
   */
  createException: CreateExceptionPayload;
  /** Ends an exception now. To cancel an exception that is cancelled already or has ended changes nothing. Codes: NOT_FOUND. */
  cancelException: CancelExceptionPayload;
  /**
   * Codes: BAD_USER_INPUT, NOT_FOUND, CONFLICT (the alarm is already acknowledged; `extensions.acknowledgedBy` and
   * `extensions.acknowledgedAt` say by whom and when).
   */
  acknowledgeAlarm: AcknowledgeAlarmPayload;
  /**
   * Marks the alarm as handled by the calling operator, whatever its status is. To claim an alarm again changes nothing. Only for operators.
   * Codes: FORBIDDEN, NOT_FOUND, CONFLICT (another operator has claimed it: `extensions.claimedBy` and `extensions.claimedAt`; or it is
   * resolved: `extensions.resolvedBy` and `extensions.resolvedAt`), QUOTA_EXCEEDED (it was claimed 100 times; `extensions.limit`. It can be
   * resolved without a claim).
   */
  claimAlarm: ClaimAlarmPayload;
  /**
   * Ends the claim of an alarm, also that of another operator, who may have gone home. To release an alarm that is not claimed changes
   * nothing. Only for operators. Codes: FORBIDDEN, NOT_FOUND.
   */
  releaseAlarm: ReleaseAlarmPayload;
  /**
   * Adds a comment to the timeline of the alarm, at any time. The user and all operators can read it. Codes: BAD_USER_INPUT, NOT_FOUND,
   * QUOTA_EXCEEDED (for a customer: the alarm has 100 comments, of operators too; `extensions.limit`).
   */
  commentAlarm: CommentAlarmPayload;
  /**
   * Ends the handling of the alarm and its claim: the alarm leaves the queue. It is possible once, whatever the status is, and does not change
   * the status. An alarm that returns after a retraction can be resolved again. Only for operators. Codes: BAD_USER_INPUT, FORBIDDEN, NOT_FOUND, CONFLICT (another operator has claimed it, or it is
   * resolved already; the extensions are those of claimAlarm).
   */
  resolveAlarm: ResolveAlarmPayload;
  /**
   * Registers a device that signs its requests, and returns its key. Only for operators. Codes: BAD_USER_INPUT, FORBIDDEN,
   * QUOTA_EXCEEDED (too many devices of the user; `extensions.limit` is the quota).
   */
  registerDevice: RegisterDevicePayload;
  /**
   * Revokes a device: its signed requests and the tokens that are bound to it are refused from now on. Only for operators. To
   * revoke a device again changes nothing. Codes: FORBIDDEN, NOT_FOUND.
   */
  revokeDevice: RevokeDevicePayload;
  /**
   * Erases everything that is stored of a user, which cannot be undone: rules, calendars, exceptions, devices, openings with readings
   * and alarms, events, and the user's part of the audit trail. A query with the consistency token of the response no longer sees the user. What the
   * user sends later belongs to a new user. Only for operators. Codes: BAD_USER_INPUT, FORBIDDEN, CONFLICT (the clientMutationId
   * was used for another input).
   */
  eraseUserData: EraseUserDataPayload;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationCreateRuleArgs = {
  input: CreateRuleInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationUpdateRuleArgs = {
  input: UpdateRuleInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationDeleteRuleArgs = {
  input: DeleteRuleInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationRecordReadingsArgs = {
  input: RecordReadingsInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationWithdrawReadingsArgs = {
  input: WithdrawReadingsInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationCreateCalendarArgs = {
  input: CreateCalendarInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationUpdateCalendarArgs = {
  input: UpdateCalendarInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationDeleteCalendarArgs = {
  input: DeleteCalendarInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationCreateExceptionArgs = {
  input: CreateExceptionInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationCancelExceptionArgs = {
  input: CancelExceptionInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationAcknowledgeAlarmArgs = {
  input: AcknowledgeAlarmInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationClaimAlarmArgs = {
  input: ClaimAlarmInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationReleaseAlarmArgs = {
  input: ReleaseAlarmInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationCommentAlarmArgs = {
  input: CommentAlarmInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationResolveAlarmArgs = {
  input: ResolveAlarmInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationRegisterDeviceArgs = {
  input: RegisterDeviceInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationRevokeDeviceArgs = {
  input: RevokeDeviceInput;
};


/**
 * Commands. A command either saves its effect before it responds, or it is rejected and changes nothing. A rejected input lists
 * every fault under `extensions.faults` (path, code, message).
 */
export type MutationEraseUserDataArgs = {
  input: EraseUserDataInput;
};

/** A rule needs at least one of: hours (windows, or opensAt and closesAt), maxOpenSeconds, silentAfterSeconds, onTamper, onBatteryLow. */
export type CreateRuleInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /** The owner of the rule: the caller by default. Only an operator may name another user. */
  userId?: InputMaybe<Scalars['ID']['input']>;
  /** 1 to 120 characters, trimmed; unique per user and opening among rules that are not deleted. */
  name: Scalars['String']['input'];
  /** 1 to 80 characters, trimmed; case-sensitive. */
  opening: Scalars['String']['input'];
  /**
   * When the opening may be open: at most 50 windows. Null or absent: no hours, unless opensAt and closesAt are given. An empty
   * list: never allowed.
   */
  windows?: InputMaybe<Array<WindowInput>>;
  /**
   * The short form of one window: the wall-clock time from which the opening may be open. The short form and `windows` exclude
   * each other.
   */
  opensAt?: InputMaybe<Scalars['LocalTime']['input']>;
  /**
   * The short form of one window: the wall-clock time up to which, exclusive, the opening may be open. Earlier than opensAt: on the
   * following day. Equal to opensAt: at the same time of the following day.
   */
  closesAt?: InputMaybe<Scalars['LocalTime']['input']>;
  /** The short form of one window: the days on which it starts. Null or absent: all seven. An empty list: never allowed. */
  days?: InputMaybe<Array<Weekday>>;
  /** A calendar of the user: on its dates, its windows start instead of those of the rule. */
  calendarId?: InputMaybe<Scalars['ID']['input']>;
  timeZone: Scalars['TimeZone']['input'];
  /** How long the opening may be open outside its hours before it is an alarm: 0 to 3600 seconds. Null or absent: 0. */
  graceSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** How long the opening may be open at a time: 1 to 604800 seconds. */
  maxOpenSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** When the rule is in force: at most 50 windows. Null or absent: always. An empty list: never. */
  activeWindows?: InputMaybe<Array<ActiveWindowInput>>;
  /** How long the opening may be without a reading: 60 to 2592000 seconds. */
  silentAfterSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** Whether it is an alarm if the sensor is tampered with. Null or absent: false. */
  onTamper?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether a low battery of the sensor is an alarm. Null or absent: false. */
  onBatteryLow?: InputMaybe<Scalars['Boolean']['input']>;
  severity: Severity;
  enabled: Scalars['Boolean']['input'];
  /** The instant from which the rule holds: now by default, any instant in the past, at most one year ahead. */
  effectiveFrom?: InputMaybe<Scalars['DateTime']['input']>;
};

/**
 * An absent field keeps its value. Null clears a field that is nullable in `Rule`; for `days` it means all seven days, for
 * graceSeconds 0, for onTamper and onBatteryLow false. Other fields do not accept null.
 *
 * `windows` and the short form (opensAt, closesAt, days) exclude each other. Each replaces all windows. If the rule has several
 * windows, the short form needs opensAt and closesAt.
 */
export type UpdateRuleInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
  /** The change is rejected with STALE_VERSION if the rule is not at this version. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  name?: InputMaybe<Scalars['String']['input']>;
  windows?: InputMaybe<Array<WindowInput>>;
  opensAt?: InputMaybe<Scalars['LocalTime']['input']>;
  closesAt?: InputMaybe<Scalars['LocalTime']['input']>;
  days?: InputMaybe<Array<Weekday>>;
  calendarId?: InputMaybe<Scalars['ID']['input']>;
  timeZone?: InputMaybe<Scalars['TimeZone']['input']>;
  graceSeconds?: InputMaybe<Scalars['Int']['input']>;
  maxOpenSeconds?: InputMaybe<Scalars['Int']['input']>;
  activeWindows?: InputMaybe<Array<ActiveWindowInput>>;
  silentAfterSeconds?: InputMaybe<Scalars['Int']['input']>;
  onTamper?: InputMaybe<Scalars['Boolean']['input']>;
  onBatteryLow?: InputMaybe<Scalars['Boolean']['input']>;
  severity?: InputMaybe<Severity>;
  enabled?: InputMaybe<Scalars['Boolean']['input']>;
};

export type DeleteRuleInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
  /** The deletion is rejected with STALE_VERSION if the rule is not at this version. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
};

/**
 * A weekly period in which the opening may be open. It belongs to the day on which it starts. Windows that touch or overlap act as
 * one.
 */
export type WindowInput = {
  /** The days on which the window starts. Null or absent: all seven. An empty list: none. */
  days?: InputMaybe<Array<Weekday>>;
  /** The wall-clock time at which the window starts. */
  opensAt: Scalars['LocalTime']['input'];
  /**
   * The wall-clock time at which the window ends, exclusive. Earlier than opensAt: on the following day. Equal to opensAt: at the
   * same time of the following day.
   */
  closesAt: Scalars['LocalTime']['input'];
  /**
   * The wall-clock time by which the opening must have been opened: from opensAt up to closesAt. Otherwise it is an alarm,
   * NOT_OPENED. Null or absent: it need not be opened.
   */
  openBy?: InputMaybe<Scalars['LocalTime']['input']>;
};

/** A weekly period in which a rule is in force. */
export type ActiveWindowInput = {
  /** The days on which the window starts. Null or absent: all seven. An empty list: none. */
  days?: InputMaybe<Array<Weekday>>;
  /** The wall-clock time at which the window starts. */
  opensAt: Scalars['LocalTime']['input'];
  /**
   * The wall-clock time at which the window ends, exclusive. Earlier than opensAt: on the following day. Equal to opensAt: at the
   * same time of the following day.
   */
  closesAt: Scalars['LocalTime']['input'];
};

export type CreateCalendarInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /** The owner of the calendar: the caller by default. Only an operator may name another user. */
  userId?: InputMaybe<Scalars['ID']['input']>;
  /** 1 to 120 characters, trimmed; unique per user among calendars that are not deleted. */
  name: Scalars['String']['input'];
  /** At most 2000 dates together with the holidays; each date once. */
  dates: Array<CalendarDateInput>;
  /** Public holidays to add as dates without windows. A date in `dates` takes precedence. */
  holidays?: InputMaybe<HolidaysInput>;
};

/** An absent field keeps its value. No field accepts null except `holidays`, where it means none. */
export type UpdateCalendarInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
  /** The change is rejected with STALE_VERSION if the calendar is not at this version. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  name?: InputMaybe<Scalars['String']['input']>;
  /** All dates of the calendar, in the place of the present ones. */
  dates?: InputMaybe<Array<CalendarDateInput>>;
  /** Public holidays to add as dates without windows. A date that the calendar has, or that is in `dates`, takes precedence. */
  holidays?: InputMaybe<HolidaysInput>;
};

export type DeleteCalendarInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
  /** The deletion is rejected with STALE_VERSION if the calendar is not at this version. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
};

/** The windows that start on one date, read in the time zone of each rule. */
export type CalendarDateInput = {
  date: Scalars['Date']['input'];
  /** 1 to 120 characters, trimmed, such as the name of a holiday. */
  label?: InputMaybe<Scalars['String']['input']>;
  /** At most 10. An empty list: closed on that day. */
  windows: Array<CalendarWindowInput>;
};

export type CalendarWindowInput = {
  /** The wall-clock time at which the window starts. */
  opensAt: Scalars['LocalTime']['input'];
  /**
   * The wall-clock time at which the window ends, exclusive. Earlier than opensAt: on the following day. Equal to opensAt: at the
   * same time of the following day.
   */
  closesAt: Scalars['LocalTime']['input'];
  /**
   * The wall-clock time by which the opening must have been opened: from opensAt up to closesAt. Otherwise it is an alarm,
   * NOT_OPENED. Null or absent: it need not be opened.
   */
  openBy?: InputMaybe<Scalars['LocalTime']['input']>;
};

/** The public holidays of a country, from the library date-holidays. */
export type HolidaysInput = {
  /** The ISO 3166-1 code of the country, such as CO. */
  country: Scalars['String']['input'];
  /**
   * A part of the country, as the second part of its ISO 3166-2 code: BY for Bavaria (DE-BY). A part of that part follows after a
   * dot. Null or absent: only the holidays of the whole country.
   */
  region?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 10 years from 1970 to 2100, each once. */
  years: Array<Scalars['Int']['input']>;
};

export type CreateExceptionInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /** The owner of the openings: the caller by default. Only an operator may name another user. */
  userId?: InputMaybe<Scalars['ID']['input']>;
  /** The names of the openings, 1 to 100. Null or absent: all openings of the user, also new ones. */
  openings?: InputMaybe<Array<Scalars['String']['input']>>;
  effect: ExceptionEffect;
  /** The start of the period. An instant in the past becomes now. */
  from: Scalars['DateTime']['input'];
  /** The end of the period, exclusive: after now and after the start, at most 366 days after the start. */
  until: Scalars['DateTime']['input'];
  /** 1 to 500 characters, trimmed. */
  reason: Scalars['String']['input'];
};

export type CancelExceptionInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
};

export type RecordReadingsInput = {
  /** The owner of the openings: the caller by default. Only an operator may name another user. */
  userId?: InputMaybe<Scalars['ID']['input']>;
  /** 1 to 1000 readings. */
  readings: Array<ReadingInput>;
};

/** One report about an opening. It has at least one of: state, tampered, batteryLow. */
export type ReadingInput = {
  /**
   * Chosen by the client, 1 to 200 characters, unique per opening. A reading with a known id is a duplicate, even if its other
   * fields differ.
   */
  id: Scalars['ID']['input'];
  /** 1 to 80 characters, trimmed; case-sensitive. A new name registers an opening. */
  opening: Scalars['String']['input'];
  /** Null or absent: the reading says nothing about the state. */
  state?: InputMaybe<OpeningState>;
  /** Whether the sensor is tampered with. Null or absent: the reading says nothing about it. */
  tampered?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether the battery of the sensor is low. Null or absent: the reading says nothing about it. */
  batteryLow?: InputMaybe<Scalars['Boolean']['input']>;
  /**
   * At most 5 minutes ahead of the server's clock; an early reading takes effect at its instant. At most a day ago (a setting of
   * the installation), except from operators.
   */
  at: Scalars['DateTime']['input'];
};

export type WithdrawReadingsInput = {
  /** The owner of the opening: the caller by default. Only an operator may name another user. */
  userId?: InputMaybe<Scalars['ID']['input']>;
  /** The name of the opening. */
  opening: Scalars['String']['input'];
  /** The ids of 1 to 1000 readings. */
  ids: Array<Scalars['ID']['input']>;
  /** Why the readings are wrong: 1 to 500 characters, trimmed. */
  reason: Scalars['String']['input'];
};

export type AcknowledgeAlarmInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
  /** At most 500 characters, in one or more lines. */
  note?: InputMaybe<Scalars['String']['input']>;
};

export type ClaimAlarmInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
};

export type ReleaseAlarmInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
};

export type CommentAlarmInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
  /** 1 to 2000 characters, in one or more lines. */
  text: Scalars['String']['input'];
};

export type ResolveAlarmInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
  code: AlarmResolutionCode;
  /** At most 500 characters, in one or more lines. */
  note?: InputMaybe<Scalars['String']['input']>;
};

export type RegisterDeviceInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /** The user whose readings the device records. */
  userId: Scalars['ID']['input'];
  /**
   * The names of the openings whose readings the device may record, 1 to 100. Null or absent: all openings of the user, also
   * new ones. An opening need not have readings yet.
   */
  openings?: InputMaybe<Array<Scalars['String']['input']>>;
  /** 1 to 120 characters, trimmed. */
  name: Scalars['String']['input'];
};

export type RevokeDeviceInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  id: Scalars['ID']['input'];
};

export type EraseUserDataInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /** The id of the user, exactly as its tokens and rules name it. */
  userId: Scalars['ID']['input'];
};

export type CreateRulePayload = {
  __typename?: 'CreateRulePayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  rule: Rule;
};

export type UpdateRulePayload = {
  __typename?: 'UpdateRulePayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  rule: Rule;
};

export type DeleteRulePayload = {
  __typename?: 'DeleteRulePayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  rule: Rule;
};

export type RecordReadingsPayload = {
  __typename?: 'RecordReadingsPayload';
  /** The number of new readings. */
  accepted: Scalars['Int']['output'];
  /** The number of readings whose id their opening already had, from before or earlier in this command. */
  duplicates: Scalars['Int']['output'];
  /** The duplicates, in the order of the command. */
  duplicateReadings: Array<DuplicateReading>;
  /** In the order of the command. The ids stay free for other readings. */
  refused: Array<RefusedReading>;
};

export type DuplicateReading = {
  __typename?: 'DuplicateReading';
  id: Scalars['ID']['output'];
  /** The index among the readings of the command, from 0. */
  index: Scalars['Int']['output'];
  /** Whether its other fields differ from those of the reading that has the id. That one stays as it is. */
  differs: Scalars['Boolean']['output'];
};

export type RefusedReading = {
  __typename?: 'RefusedReading';
  id: Scalars['ID']['output'];
  /** The index among the readings of the command, from 0. */
  index: Scalars['Int']['output'];
  /** The code of the first fault: READING_IN_FUTURE, READING_TOO_LATE, READING_TOO_OLD, READING_BEFORE_HORIZON, EMPTY, TOO_LONG, CONTROL_CHARACTER or INVALID. */
  code: Scalars['String']['output'];
  message: Scalars['String']['output'];
};

export type WithdrawReadingsPayload = {
  __typename?: 'WithdrawReadingsPayload';
  /** The number of readings that are withdrawn now. */
  withdrawn: Scalars['Int']['output'];
  /**
   * The ids of which the opening has no reading, in the order of the command; readings of removed history count as none. A
   * withdrawn reading keeps its id.
   */
  unknown: Array<Scalars['ID']['output']>;
};

export type CreateCalendarPayload = {
  __typename?: 'CreateCalendarPayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  calendar: Calendar;
};

export type UpdateCalendarPayload = {
  __typename?: 'UpdateCalendarPayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  calendar: Calendar;
};

export type DeleteCalendarPayload = {
  __typename?: 'DeleteCalendarPayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  calendar: Calendar;
};

export type CreateExceptionPayload = {
  __typename?: 'CreateExceptionPayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  exception: OpeningException;
};

export type CancelExceptionPayload = {
  __typename?: 'CancelExceptionPayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  exception: OpeningException;
};

export type AcknowledgeAlarmPayload = {
  __typename?: 'AcknowledgeAlarmPayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  alarm: Alarm;
};

export type ClaimAlarmPayload = {
  __typename?: 'ClaimAlarmPayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  alarm: Alarm;
};

export type ReleaseAlarmPayload = {
  __typename?: 'ReleaseAlarmPayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  alarm: Alarm;
};

export type CommentAlarmPayload = {
  __typename?: 'CommentAlarmPayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  alarm: Alarm;
};

export type ResolveAlarmPayload = {
  __typename?: 'ResolveAlarmPayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  alarm: Alarm;
};

export type RegisterDevicePayload = {
  __typename?: 'RegisterDevicePayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  device: Device;
  /**
   * The key with which the device signs its requests. It is not stored and is returned only here; the same command with the same
   * clientMutationId returns it again.
   */
  key: Scalars['String']['output'];
};

export type RevokeDevicePayload = {
  __typename?: 'RevokeDevicePayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  device: Device;
};

export type EraseUserDataPayload = {
  __typename?: 'EraseUserDataPayload';
  clientMutationId?: Maybe<Scalars['String']['output']>;
  /** False: nothing is stored of this user, so nothing was erased. Check the id. */
  erased: Scalars['Boolean']['output'];
  /** What names the user in the event log and the audit trail from now on. Null if nothing was erased. */
  pseudonym?: Maybe<Scalars['String']['output']>;
  /** The number of rules that were stored, also deleted ones. */
  rules: Scalars['Int']['output'];
  /** The number of calendars that were stored, also deleted ones. */
  calendars: Scalars['Int']['output'];
  /** The number of exceptions that were stored, also those that have ended. */
  exceptions: Scalars['Int']['output'];
  /** The number of openings that were stored, with their readings, intervals and alarms. */
  openings: Scalars['Int']['output'];
  /** The number of devices that were stored, also revoked ones. */
  devices: Scalars['Int']['output'];
  /**
   * Whether nothing of the user is left in the databases, the event log, Redis and the audit trail. False: the erasure continues,
   * also after a restart, and the audit trail records its end as `completeErasure`.
   */
  complete: Scalars['Boolean']['output'];
};

export type User = {
  __typename?: 'User';
  id: Scalars['ID']['output'];
};

/** What an opening and its sensor have to do: when it may be open, for how long, and more. */
export type Rule = {
  __typename?: 'Rule';
  id: Scalars['ID']['output'];
  user: User;
  name: Scalars['String']['output'];
  opening: Scalars['String']['output'];
  /** When the opening may be open. Null: at any time. Empty: never. */
  windows?: Maybe<Array<Window>>;
  /** The start of the window, if there is exactly one; otherwise null. */
  opensAt?: Maybe<Scalars['LocalTime']['output']>;
  /** The end of the window, if there is exactly one; otherwise null. */
  closesAt?: Maybe<Scalars['LocalTime']['output']>;
  /** The days on which windows start, in the order of the week. All seven if the opening may be open at any time. */
  days: Array<Weekday>;
  /** On the dates of the calendar, its windows start instead of those of the rule. */
  calendar?: Maybe<Calendar>;
  timeZone: Scalars['TimeZone']['output'];
  /**
   * One sentence if the time zone data of this installation lacks an announced change of the zone, so that the rule reads times of
   * the day with the former offset. Null: no such change is known.
   */
  timeZoneNotice?: Maybe<Scalars['String']['output']>;
  /** How long the opening may be open outside its hours before it is an alarm, in seconds. */
  graceSeconds: Scalars['Int']['output'];
  /** How long the opening may be open at a time, in seconds. */
  maxOpenSeconds?: Maybe<Scalars['Int']['output']>;
  /** When the rule is in force. Null: always. Empty: never. These windows have no openBy. */
  activeWindows?: Maybe<Array<Window>>;
  /** How long the opening may be without a reading, in seconds. Null: for any time. */
  silentAfterSeconds?: Maybe<Scalars['Int']['output']>;
  /** Whether it is an alarm if the sensor is tampered with. */
  onTamper: Scalars['Boolean']['output'];
  /** Whether a low battery of the sensor is an alarm. */
  onBatteryLow: Scalars['Boolean']['output'];
  severity: Severity;
  enabled: Scalars['Boolean']['output'];
  effectiveFrom: Scalars['DateTime']['output'];
  createdAt: Scalars['DateTime']['output'];
  updatedAt: Scalars['DateTime']['output'];
  /** A deleted rule remains readable through its alarms and as an entity. */
  deletedAt?: Maybe<Scalars['DateTime']['output']>;
  /** 1 at creation; each change adds 1. */
  version: Scalars['Int']['output'];
};

/** A weekly period. It belongs to the day on which it starts. Windows that touch or overlap act as one. */
export type Window = {
  __typename?: 'Window';
  /** The days on which the window starts, in the order of the week. */
  days: Array<Weekday>;
  /** The wall-clock time at which the window starts. */
  opensAt: Scalars['LocalTime']['output'];
  /** The wall-clock time at which the window ends, exclusive. Not later than opensAt: on the following day. */
  closesAt: Scalars['LocalTime']['output'];
  /** The wall-clock time by which the opening must have been opened. Null: it need not be opened. */
  openBy?: Maybe<Scalars['LocalTime']['output']>;
};

/** Dates on which other windows start than those of the rules that name the calendar, such as holidays. */
export type Calendar = {
  __typename?: 'Calendar';
  id: Scalars['ID']['output'];
  user: User;
  /** Unique per user among calendars that are not deleted. */
  name: Scalars['String']['output'];
  /** 1 at creation; each change adds 1. */
  version: Scalars['Int']['output'];
  /** In order. */
  dates: Array<CalendarDate>;
};

/** A date of a calendar, read in the time zone of each rule. */
export type CalendarDate = {
  __typename?: 'CalendarDate';
  date: Scalars['Date']['output'];
  label?: Maybe<Scalars['String']['output']>;
  /** The windows that start on the date. Empty: closed on that day. */
  windows: Array<CalendarWindow>;
};

export type CalendarWindow = {
  __typename?: 'CalendarWindow';
  /** The wall-clock time at which the window starts. */
  opensAt: Scalars['LocalTime']['output'];
  /** The wall-clock time at which the window ends, exclusive. Not later than opensAt: on the following day. */
  closesAt: Scalars['LocalTime']['output'];
  /** The wall-clock time by which the opening must have been opened. Null: it need not be opened. */
  openBy?: Maybe<Scalars['LocalTime']['output']>;
};

/** A period in which openings may be open, or raise no alarms. */
export type OpeningException = {
  __typename?: 'OpeningException';
  id: Scalars['ID']['output'];
  /** The owner of the openings. */
  user: User;
  /** The names of the openings. Null: all openings of the user, also new ones. */
  openings?: Maybe<Array<Scalars['String']['output']>>;
  effect: ExceptionEffect;
  from: Scalars['DateTime']['output'];
  /** The end of the period, exclusive. An exception that is cancelled ends at cancelledAt. */
  until: Scalars['DateTime']['output'];
  reason: Scalars['String']['output'];
  /** The id of the caller that created the exception. */
  createdBy: Scalars['ID']['output'];
  /** Null unless the exception is cancelled. */
  cancelledAt?: Maybe<Scalars['DateTime']['output']>;
};

/** The record that a rule was broken, for example because its opening was open outside the allowed hours. */
export type Alarm = {
  __typename?: 'Alarm';
  /** A new evaluation does not change it. */
  id: Scalars['ID']['output'];
  rule: Rule;
  user: User;
  opening: Scalars['String']['output'];
  kind: AlarmKind;
  /** The severity of the rule when the alarm was raised. */
  severity: Severity;
  status: AlarmStatus;
  /** The instant at which the alarm was due, even if the reading arrived later. */
  raisedAt: Scalars['DateTime']['output'];
  /** When the condition ended, for example because the opening was closed; null while it lasts. */
  clearedAt?: Maybe<Scalars['DateTime']['output']>;
  acknowledgedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The id of the caller that acknowledged the alarm. */
  acknowledgedBy?: Maybe<Scalars['ID']['output']>;
  /** The note of the caller that acknowledged the alarm. */
  note?: Maybe<Scalars['String']['output']>;
  /** The id of the operator that handles the alarm. Null: nobody has claimed it, or it is resolved. */
  claimedBy?: Maybe<Scalars['ID']['output']>;
  claimedAt?: Maybe<Scalars['DateTime']['output']>;
  /** How an operator has ended the handling of the alarm. Null until then, and again if the alarm returns after a retraction. */
  resolution?: Maybe<AlarmResolution>;
  /** The number of comments that were made. */
  commentCount: Scalars['Int']['output'];
  /**
   * Whether the alarm is in the queue of operators: it is not retracted, it has no resolution, and it is ACTIVE or was claimed or raised
   * since there is a queue.
   */
  isQueued: Scalars['Boolean']['output'];
  /** One sentence with figures: why the alarm was raised and, if it was, why it was retracted. */
  reason: Scalars['String']['output'];
};

/** How an operator has ended the handling of an alarm. */
export type AlarmResolution = {
  __typename?: 'AlarmResolution';
  code: AlarmResolutionCode;
  note?: Maybe<Scalars['String']['output']>;
  /** The id of the operator. */
  by: Scalars['ID']['output'];
  at: Scalars['DateTime']['output'];
};

/** A device that records readings of its user. An operator registers it. */
export type Device = {
  __typename?: 'Device';
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  /** The user whose readings the device records. */
  user: User;
  /** The names of the openings whose readings the device may record. Null: all openings of the user, also new ones. */
  openings?: Maybe<Array<Scalars['String']['output']>>;
  createdAt: Scalars['DateTime']['output'];
  /** A revoked device may not record readings any more. */
  revokedAt?: Maybe<Scalars['DateTime']['output']>;
  /** When a request of the device was last received, to the minute. Null: never. */
  lastSeenAt?: Maybe<Scalars['DateTime']['output']>;
  /** How many signed requests of the device were received more than once. Their readings were duplicates. */
  repeatedRequests?: Maybe<Scalars['Int']['output']>;
};

export type Weekday =
  | 'MONDAY'
  | 'TUESDAY'
  | 'WEDNESDAY'
  | 'THURSDAY'
  | 'FRIDAY'
  | 'SATURDAY'
  | 'SUNDAY';

export type Severity =
  | 'INFO'
  | 'WARNING'
  | 'CRITICAL';

export type OpeningState =
  | 'OPEN'
  | 'CLOSED';

export type AlarmKind =
  /** The opening was open outside the allowed hours. */
  | 'OUTSIDE_HOURS'
  /** The opening was open for longer than maxOpenSeconds. */
  | 'OPEN_TOO_LONG'
  /** The opening had no reading for longer than silentAfterSeconds. */
  | 'SILENT'
  /** The opening was not opened by the time openBy of a window. */
  | 'NOT_OPENED'
  /** The sensor was tampered with. */
  | 'TAMPERED'
  /** The battery of the sensor was low. */
  | 'BATTERY_LOW';

export type AlarmStatus =
  /** The condition lasts, for example because the opening is still open. */
  | 'ACTIVE'
  /** The condition ended, for example because the opening was closed. */
  | 'CLEARED'
  /** A late or withdrawn reading showed that the alarm was never due. */
  | 'RETRACTED';

export type AlarmResolutionCode =
  /** There was nothing: the sensor or the rule was wrong. */
  | 'FALSE_ALARM'
  /** Somebody tested the alarm. */
  | 'TEST'
  /** A person of the user's made a mistake, such as a forgotten door. */
  | 'USER_ERROR'
  /** It was real, and has been looked after. */
  | 'VERIFIED'
  /** Guards or the police were sent. */
  | 'DISPATCHED'
  /** Something else; the note says what. */
  | 'OTHER';

export type ExceptionEffect =
  /** The openings may be open, as if every rule had one more window. */
  | 'ALLOW'
  /** No alarm is due. What lasts at the end of the period is due then. */
  | 'SUSPEND';



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  Rule: Rule;
  Calendar: Calendar;
  Alarm: Alarm;
  Device: Device;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Rule:
    ( { __typename: 'Rule' }
    & GraphQLRecursivePick<FederationTypes['Rule'], {"id":true}> );
  Calendar:
    ( { __typename: 'Calendar' }
    & GraphQLRecursivePick<FederationTypes['Calendar'], {"id":true}> );
  Alarm:
    ( { __typename: 'Alarm' }
    & GraphQLRecursivePick<FederationTypes['Alarm'], {"id":true}> );
  Device:
    ( { __typename: 'Device' }
    & GraphQLRecursivePick<FederationTypes['Device'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  LocalTime: ResolverTypeWrapper<Scalars['LocalTime']['output']>;
  TimeZone: ResolverTypeWrapper<Scalars['TimeZone']['output']>;
  Date: ResolverTypeWrapper<Scalars['Date']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  CreateRuleInput: CreateRuleInput;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  UpdateRuleInput: UpdateRuleInput;
  DeleteRuleInput: DeleteRuleInput;
  WindowInput: WindowInput;
  ActiveWindowInput: ActiveWindowInput;
  CreateCalendarInput: CreateCalendarInput;
  UpdateCalendarInput: UpdateCalendarInput;
  DeleteCalendarInput: DeleteCalendarInput;
  CalendarDateInput: CalendarDateInput;
  CalendarWindowInput: CalendarWindowInput;
  HolidaysInput: HolidaysInput;
  CreateExceptionInput: CreateExceptionInput;
  CancelExceptionInput: CancelExceptionInput;
  RecordReadingsInput: RecordReadingsInput;
  ReadingInput: ReadingInput;
  WithdrawReadingsInput: WithdrawReadingsInput;
  AcknowledgeAlarmInput: AcknowledgeAlarmInput;
  ClaimAlarmInput: ClaimAlarmInput;
  ReleaseAlarmInput: ReleaseAlarmInput;
  CommentAlarmInput: CommentAlarmInput;
  ResolveAlarmInput: ResolveAlarmInput;
  RegisterDeviceInput: RegisterDeviceInput;
  RevokeDeviceInput: RevokeDeviceInput;
  EraseUserDataInput: EraseUserDataInput;
  CreateRulePayload: ResolverTypeWrapper<Omit<CreateRulePayload, 'rule'> & { rule: ResolversTypes['Rule'] }>;
  UpdateRulePayload: ResolverTypeWrapper<Omit<UpdateRulePayload, 'rule'> & { rule: ResolversTypes['Rule'] }>;
  DeleteRulePayload: ResolverTypeWrapper<Omit<DeleteRulePayload, 'rule'> & { rule: ResolversTypes['Rule'] }>;
  RecordReadingsPayload: ResolverTypeWrapper<RecordReadingsPayload>;
  DuplicateReading: ResolverTypeWrapper<DuplicateReading>;
  RefusedReading: ResolverTypeWrapper<RefusedReading>;
  WithdrawReadingsPayload: ResolverTypeWrapper<WithdrawReadingsPayload>;
  CreateCalendarPayload: ResolverTypeWrapper<Omit<CreateCalendarPayload, 'calendar'> & { calendar: ResolversTypes['Calendar'] }>;
  UpdateCalendarPayload: ResolverTypeWrapper<Omit<UpdateCalendarPayload, 'calendar'> & { calendar: ResolversTypes['Calendar'] }>;
  DeleteCalendarPayload: ResolverTypeWrapper<Omit<DeleteCalendarPayload, 'calendar'> & { calendar: ResolversTypes['Calendar'] }>;
  CreateExceptionPayload: ResolverTypeWrapper<Omit<CreateExceptionPayload, 'exception'> & { exception: ResolversTypes['OpeningException'] }>;
  CancelExceptionPayload: ResolverTypeWrapper<Omit<CancelExceptionPayload, 'exception'> & { exception: ResolversTypes['OpeningException'] }>;
  AcknowledgeAlarmPayload: ResolverTypeWrapper<Omit<AcknowledgeAlarmPayload, 'alarm'> & { alarm: ResolversTypes['Alarm'] }>;
  ClaimAlarmPayload: ResolverTypeWrapper<Omit<ClaimAlarmPayload, 'alarm'> & { alarm: ResolversTypes['Alarm'] }>;
  ReleaseAlarmPayload: ResolverTypeWrapper<Omit<ReleaseAlarmPayload, 'alarm'> & { alarm: ResolversTypes['Alarm'] }>;
  CommentAlarmPayload: ResolverTypeWrapper<Omit<CommentAlarmPayload, 'alarm'> & { alarm: ResolversTypes['Alarm'] }>;
  ResolveAlarmPayload: ResolverTypeWrapper<Omit<ResolveAlarmPayload, 'alarm'> & { alarm: ResolversTypes['Alarm'] }>;
  RegisterDevicePayload: ResolverTypeWrapper<Omit<RegisterDevicePayload, 'device'> & { device: ResolversTypes['Device'] }>;
  RevokeDevicePayload: ResolverTypeWrapper<Omit<RevokeDevicePayload, 'device'> & { device: ResolversTypes['Device'] }>;
  EraseUserDataPayload: ResolverTypeWrapper<EraseUserDataPayload>;
  User: ResolverTypeWrapper<User>;
  Rule: ResolverTypeWrapper<RuleState>;
  Window: ResolverTypeWrapper<Window>;
  Calendar: ResolverTypeWrapper<CalendarState>;
  CalendarDate: ResolverTypeWrapper<CalendarDate>;
  CalendarWindow: ResolverTypeWrapper<CalendarWindow>;
  OpeningException: ResolverTypeWrapper<OpeningExceptionState>;
  Alarm: ResolverTypeWrapper<AlarmState>;
  AlarmResolution: ResolverTypeWrapper<AlarmResolution>;
  Device: ResolverTypeWrapper<DeviceState>;
  Weekday: Weekday;
  Severity: Severity;
  OpeningState: OpeningState;
  AlarmKind: AlarmKind;
  AlarmStatus: AlarmStatus;
  AlarmResolutionCode: AlarmResolutionCode;
  ExceptionEffect: ExceptionEffect;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  LocalTime: Scalars['LocalTime']['output'];
  TimeZone: Scalars['TimeZone']['output'];
  Date: Scalars['Date']['output'];
  Mutation: Record<PropertyKey, never>;
  CreateRuleInput: CreateRuleInput;
  String: Scalars['String']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  Boolean: Scalars['Boolean']['output'];
  UpdateRuleInput: UpdateRuleInput;
  DeleteRuleInput: DeleteRuleInput;
  WindowInput: WindowInput;
  ActiveWindowInput: ActiveWindowInput;
  CreateCalendarInput: CreateCalendarInput;
  UpdateCalendarInput: UpdateCalendarInput;
  DeleteCalendarInput: DeleteCalendarInput;
  CalendarDateInput: CalendarDateInput;
  CalendarWindowInput: CalendarWindowInput;
  HolidaysInput: HolidaysInput;
  CreateExceptionInput: CreateExceptionInput;
  CancelExceptionInput: CancelExceptionInput;
  RecordReadingsInput: RecordReadingsInput;
  ReadingInput: ReadingInput;
  WithdrawReadingsInput: WithdrawReadingsInput;
  AcknowledgeAlarmInput: AcknowledgeAlarmInput;
  ClaimAlarmInput: ClaimAlarmInput;
  ReleaseAlarmInput: ReleaseAlarmInput;
  CommentAlarmInput: CommentAlarmInput;
  ResolveAlarmInput: ResolveAlarmInput;
  RegisterDeviceInput: RegisterDeviceInput;
  RevokeDeviceInput: RevokeDeviceInput;
  EraseUserDataInput: EraseUserDataInput;
  CreateRulePayload: Omit<CreateRulePayload, 'rule'> & { rule: ResolversParentTypes['Rule'] };
  UpdateRulePayload: Omit<UpdateRulePayload, 'rule'> & { rule: ResolversParentTypes['Rule'] };
  DeleteRulePayload: Omit<DeleteRulePayload, 'rule'> & { rule: ResolversParentTypes['Rule'] };
  RecordReadingsPayload: RecordReadingsPayload;
  DuplicateReading: DuplicateReading;
  RefusedReading: RefusedReading;
  WithdrawReadingsPayload: WithdrawReadingsPayload;
  CreateCalendarPayload: Omit<CreateCalendarPayload, 'calendar'> & { calendar: ResolversParentTypes['Calendar'] };
  UpdateCalendarPayload: Omit<UpdateCalendarPayload, 'calendar'> & { calendar: ResolversParentTypes['Calendar'] };
  DeleteCalendarPayload: Omit<DeleteCalendarPayload, 'calendar'> & { calendar: ResolversParentTypes['Calendar'] };
  CreateExceptionPayload: Omit<CreateExceptionPayload, 'exception'> & { exception: ResolversParentTypes['OpeningException'] };
  CancelExceptionPayload: Omit<CancelExceptionPayload, 'exception'> & { exception: ResolversParentTypes['OpeningException'] };
  AcknowledgeAlarmPayload: Omit<AcknowledgeAlarmPayload, 'alarm'> & { alarm: ResolversParentTypes['Alarm'] };
  ClaimAlarmPayload: Omit<ClaimAlarmPayload, 'alarm'> & { alarm: ResolversParentTypes['Alarm'] };
  ReleaseAlarmPayload: Omit<ReleaseAlarmPayload, 'alarm'> & { alarm: ResolversParentTypes['Alarm'] };
  CommentAlarmPayload: Omit<CommentAlarmPayload, 'alarm'> & { alarm: ResolversParentTypes['Alarm'] };
  ResolveAlarmPayload: Omit<ResolveAlarmPayload, 'alarm'> & { alarm: ResolversParentTypes['Alarm'] };
  RegisterDevicePayload: Omit<RegisterDevicePayload, 'device'> & { device: ResolversParentTypes['Device'] };
  RevokeDevicePayload: Omit<RevokeDevicePayload, 'device'> & { device: ResolversParentTypes['Device'] };
  EraseUserDataPayload: EraseUserDataPayload;
  User: User;
  Rule: RuleState;
  Window: Window;
  Calendar: CalendarState;
  CalendarDate: CalendarDate;
  CalendarWindow: CalendarWindow;
  OpeningException: OpeningExceptionState;
  Alarm: AlarmState;
  AlarmResolution: AlarmResolution;
  Device: DeviceState;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface LocalTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['LocalTime'], any> {
  name: 'LocalTime';
}

export interface TimeZoneScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['TimeZone'], any> {
  name: 'TimeZone';
}

export interface DateScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Date'], any> {
  name: 'Date';
}

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  createRule?: Resolver<ResolversTypes['CreateRulePayload'], ParentType, ContextType, RequireFields<MutationCreateRuleArgs, 'input'>>;
  updateRule?: Resolver<ResolversTypes['UpdateRulePayload'], ParentType, ContextType, RequireFields<MutationUpdateRuleArgs, 'input'>>;
  deleteRule?: Resolver<ResolversTypes['DeleteRulePayload'], ParentType, ContextType, RequireFields<MutationDeleteRuleArgs, 'input'>>;
  recordReadings?: Resolver<ResolversTypes['RecordReadingsPayload'], ParentType, ContextType, RequireFields<MutationRecordReadingsArgs, 'input'>>;
  withdrawReadings?: Resolver<ResolversTypes['WithdrawReadingsPayload'], ParentType, ContextType, RequireFields<MutationWithdrawReadingsArgs, 'input'>>;
  createCalendar?: Resolver<ResolversTypes['CreateCalendarPayload'], ParentType, ContextType, RequireFields<MutationCreateCalendarArgs, 'input'>>;
  updateCalendar?: Resolver<ResolversTypes['UpdateCalendarPayload'], ParentType, ContextType, RequireFields<MutationUpdateCalendarArgs, 'input'>>;
  deleteCalendar?: Resolver<ResolversTypes['DeleteCalendarPayload'], ParentType, ContextType, RequireFields<MutationDeleteCalendarArgs, 'input'>>;
  createException?: Resolver<ResolversTypes['CreateExceptionPayload'], ParentType, ContextType, RequireFields<MutationCreateExceptionArgs, 'input'>>;
  cancelException?: Resolver<ResolversTypes['CancelExceptionPayload'], ParentType, ContextType, RequireFields<MutationCancelExceptionArgs, 'input'>>;
  acknowledgeAlarm?: Resolver<ResolversTypes['AcknowledgeAlarmPayload'], ParentType, ContextType, RequireFields<MutationAcknowledgeAlarmArgs, 'input'>>;
  claimAlarm?: Resolver<ResolversTypes['ClaimAlarmPayload'], ParentType, ContextType, RequireFields<MutationClaimAlarmArgs, 'input'>>;
  releaseAlarm?: Resolver<ResolversTypes['ReleaseAlarmPayload'], ParentType, ContextType, RequireFields<MutationReleaseAlarmArgs, 'input'>>;
  commentAlarm?: Resolver<ResolversTypes['CommentAlarmPayload'], ParentType, ContextType, RequireFields<MutationCommentAlarmArgs, 'input'>>;
  resolveAlarm?: Resolver<ResolversTypes['ResolveAlarmPayload'], ParentType, ContextType, RequireFields<MutationResolveAlarmArgs, 'input'>>;
  registerDevice?: Resolver<ResolversTypes['RegisterDevicePayload'], ParentType, ContextType, RequireFields<MutationRegisterDeviceArgs, 'input'>>;
  revokeDevice?: Resolver<ResolversTypes['RevokeDevicePayload'], ParentType, ContextType, RequireFields<MutationRevokeDeviceArgs, 'input'>>;
  eraseUserData?: Resolver<ResolversTypes['EraseUserDataPayload'], ParentType, ContextType, RequireFields<MutationEraseUserDataArgs, 'input'>>;
};

export type CreateRulePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateRulePayload'] = ResolversParentTypes['CreateRulePayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  rule?: Resolver<ResolversTypes['Rule'], ParentType, ContextType>;
};

export type UpdateRulePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UpdateRulePayload'] = ResolversParentTypes['UpdateRulePayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  rule?: Resolver<ResolversTypes['Rule'], ParentType, ContextType>;
};

export type DeleteRulePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeleteRulePayload'] = ResolversParentTypes['DeleteRulePayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  rule?: Resolver<ResolversTypes['Rule'], ParentType, ContextType>;
};

export type RecordReadingsPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RecordReadingsPayload'] = ResolversParentTypes['RecordReadingsPayload']> = {
  accepted?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  duplicates?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  duplicateReadings?: Resolver<Array<ResolversTypes['DuplicateReading']>, ParentType, ContextType>;
  refused?: Resolver<Array<ResolversTypes['RefusedReading']>, ParentType, ContextType>;
};

export type DuplicateReadingResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DuplicateReading'] = ResolversParentTypes['DuplicateReading']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  differs?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type RefusedReadingResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RefusedReading'] = ResolversParentTypes['RefusedReading']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type WithdrawReadingsPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WithdrawReadingsPayload'] = ResolversParentTypes['WithdrawReadingsPayload']> = {
  withdrawn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unknown?: Resolver<Array<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type CreateCalendarPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateCalendarPayload'] = ResolversParentTypes['CreateCalendarPayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  calendar?: Resolver<ResolversTypes['Calendar'], ParentType, ContextType>;
};

export type UpdateCalendarPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UpdateCalendarPayload'] = ResolversParentTypes['UpdateCalendarPayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  calendar?: Resolver<ResolversTypes['Calendar'], ParentType, ContextType>;
};

export type DeleteCalendarPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeleteCalendarPayload'] = ResolversParentTypes['DeleteCalendarPayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  calendar?: Resolver<ResolversTypes['Calendar'], ParentType, ContextType>;
};

export type CreateExceptionPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateExceptionPayload'] = ResolversParentTypes['CreateExceptionPayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  exception?: Resolver<ResolversTypes['OpeningException'], ParentType, ContextType>;
};

export type CancelExceptionPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CancelExceptionPayload'] = ResolversParentTypes['CancelExceptionPayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  exception?: Resolver<ResolversTypes['OpeningException'], ParentType, ContextType>;
};

export type AcknowledgeAlarmPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AcknowledgeAlarmPayload'] = ResolversParentTypes['AcknowledgeAlarmPayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  alarm?: Resolver<ResolversTypes['Alarm'], ParentType, ContextType>;
};

export type ClaimAlarmPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ClaimAlarmPayload'] = ResolversParentTypes['ClaimAlarmPayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  alarm?: Resolver<ResolversTypes['Alarm'], ParentType, ContextType>;
};

export type ReleaseAlarmPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReleaseAlarmPayload'] = ResolversParentTypes['ReleaseAlarmPayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  alarm?: Resolver<ResolversTypes['Alarm'], ParentType, ContextType>;
};

export type CommentAlarmPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CommentAlarmPayload'] = ResolversParentTypes['CommentAlarmPayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  alarm?: Resolver<ResolversTypes['Alarm'], ParentType, ContextType>;
};

export type ResolveAlarmPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ResolveAlarmPayload'] = ResolversParentTypes['ResolveAlarmPayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  alarm?: Resolver<ResolversTypes['Alarm'], ParentType, ContextType>;
};

export type RegisterDevicePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RegisterDevicePayload'] = ResolversParentTypes['RegisterDevicePayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  device?: Resolver<ResolversTypes['Device'], ParentType, ContextType>;
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type RevokeDevicePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RevokeDevicePayload'] = ResolversParentTypes['RevokeDevicePayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  device?: Resolver<ResolversTypes['Device'], ParentType, ContextType>;
};

export type EraseUserDataPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EraseUserDataPayload'] = ResolversParentTypes['EraseUserDataPayload']> = {
  clientMutationId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  erased?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  pseudonym?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  rules?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  calendars?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  exceptions?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  openings?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  devices?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type RuleResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Rule'] = ResolversParentTypes['Rule'], FederationReferenceType extends FederationReferenceTypes['Rule'] = FederationReferenceTypes['Rule']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Rule']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  opening?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  windows?: Resolver<Maybe<Array<ResolversTypes['Window']>>, ParentType, ContextType>;
  opensAt?: Resolver<Maybe<ResolversTypes['LocalTime']>, ParentType, ContextType>;
  closesAt?: Resolver<Maybe<ResolversTypes['LocalTime']>, ParentType, ContextType>;
  days?: Resolver<Array<ResolversTypes['Weekday']>, ParentType, ContextType>;
  calendar?: Resolver<Maybe<ResolversTypes['Calendar']>, ParentType, ContextType>;
  timeZone?: Resolver<ResolversTypes['TimeZone'], ParentType, ContextType>;
  timeZoneNotice?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  graceSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  maxOpenSeconds?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  activeWindows?: Resolver<Maybe<Array<ResolversTypes['Window']>>, ParentType, ContextType>;
  silentAfterSeconds?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  onTamper?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  onBatteryLow?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  severity?: Resolver<ResolversTypes['Severity'], ParentType, ContextType>;
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  effectiveFrom?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  deletedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type WindowResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Window'] = ResolversParentTypes['Window']> = {
  days?: Resolver<Array<ResolversTypes['Weekday']>, ParentType, ContextType>;
  opensAt?: Resolver<ResolversTypes['LocalTime'], ParentType, ContextType>;
  closesAt?: Resolver<ResolversTypes['LocalTime'], ParentType, ContextType>;
  openBy?: Resolver<Maybe<ResolversTypes['LocalTime']>, ParentType, ContextType>;
};

export type CalendarResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Calendar'] = ResolversParentTypes['Calendar'], FederationReferenceType extends FederationReferenceTypes['Calendar'] = FederationReferenceTypes['Calendar']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Calendar']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  dates?: Resolver<Array<ResolversTypes['CalendarDate']>, ParentType, ContextType>;
};

export type CalendarDateResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CalendarDate'] = ResolversParentTypes['CalendarDate']> = {
  date?: Resolver<ResolversTypes['Date'], ParentType, ContextType>;
  label?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  windows?: Resolver<Array<ResolversTypes['CalendarWindow']>, ParentType, ContextType>;
};

export type CalendarWindowResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CalendarWindow'] = ResolversParentTypes['CalendarWindow']> = {
  opensAt?: Resolver<ResolversTypes['LocalTime'], ParentType, ContextType>;
  closesAt?: Resolver<ResolversTypes['LocalTime'], ParentType, ContextType>;
  openBy?: Resolver<Maybe<ResolversTypes['LocalTime']>, ParentType, ContextType>;
};

export type OpeningExceptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['OpeningException'] = ResolversParentTypes['OpeningException']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  openings?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  effect?: Resolver<ResolversTypes['ExceptionEffect'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  until?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  cancelledAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type AlarmResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Alarm'] = ResolversParentTypes['Alarm'], FederationReferenceType extends FederationReferenceTypes['Alarm'] = FederationReferenceTypes['Alarm']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Alarm']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  rule?: Resolver<ResolversTypes['Rule'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  opening?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['AlarmKind'], ParentType, ContextType>;
  severity?: Resolver<ResolversTypes['Severity'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['AlarmStatus'], ParentType, ContextType>;
  raisedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  clearedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  acknowledgedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  acknowledgedBy?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  note?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  claimedBy?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  claimedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  resolution?: Resolver<Maybe<ResolversTypes['AlarmResolution']>, ParentType, ContextType>;
  commentCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  isQueued?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AlarmResolutionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AlarmResolution'] = ResolversParentTypes['AlarmResolution']> = {
  code?: Resolver<ResolversTypes['AlarmResolutionCode'], ParentType, ContextType>;
  note?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  by?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type DeviceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Device'] = ResolversParentTypes['Device'], FederationReferenceType extends FederationReferenceTypes['Device'] = FederationReferenceTypes['Device']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Device']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  openings?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  lastSeenAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  repeatedRequests?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  DateTime?: GraphQLScalarType;
  LocalTime?: GraphQLScalarType;
  TimeZone?: GraphQLScalarType;
  Date?: GraphQLScalarType;
  Mutation?: MutationResolvers<ContextType>;
  CreateRulePayload?: CreateRulePayloadResolvers<ContextType>;
  UpdateRulePayload?: UpdateRulePayloadResolvers<ContextType>;
  DeleteRulePayload?: DeleteRulePayloadResolvers<ContextType>;
  RecordReadingsPayload?: RecordReadingsPayloadResolvers<ContextType>;
  DuplicateReading?: DuplicateReadingResolvers<ContextType>;
  RefusedReading?: RefusedReadingResolvers<ContextType>;
  WithdrawReadingsPayload?: WithdrawReadingsPayloadResolvers<ContextType>;
  CreateCalendarPayload?: CreateCalendarPayloadResolvers<ContextType>;
  UpdateCalendarPayload?: UpdateCalendarPayloadResolvers<ContextType>;
  DeleteCalendarPayload?: DeleteCalendarPayloadResolvers<ContextType>;
  CreateExceptionPayload?: CreateExceptionPayloadResolvers<ContextType>;
  CancelExceptionPayload?: CancelExceptionPayloadResolvers<ContextType>;
  AcknowledgeAlarmPayload?: AcknowledgeAlarmPayloadResolvers<ContextType>;
  ClaimAlarmPayload?: ClaimAlarmPayloadResolvers<ContextType>;
  ReleaseAlarmPayload?: ReleaseAlarmPayloadResolvers<ContextType>;
  CommentAlarmPayload?: CommentAlarmPayloadResolvers<ContextType>;
  ResolveAlarmPayload?: ResolveAlarmPayloadResolvers<ContextType>;
  RegisterDevicePayload?: RegisterDevicePayloadResolvers<ContextType>;
  RevokeDevicePayload?: RevokeDevicePayloadResolvers<ContextType>;
  EraseUserDataPayload?: EraseUserDataPayloadResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  Rule?: RuleResolvers<ContextType>;
  Window?: WindowResolvers<ContextType>;
  Calendar?: CalendarResolvers<ContextType>;
  CalendarDate?: CalendarDateResolvers<ContextType>;
  CalendarWindow?: CalendarWindowResolvers<ContextType>;
  OpeningException?: OpeningExceptionResolvers<ContextType>;
  Alarm?: AlarmResolvers<ContextType>;
  AlarmResolution?: AlarmResolutionResolvers<ContextType>;
  Device?: DeviceResolvers<ContextType>;
};

