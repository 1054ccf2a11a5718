import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { RuleState, AlarmState, DeviceState, OpeningExceptionState, AuditEntry as AuditEntryParent } from '@seguridad-abc/contracts';
import type { UserReference } from '../users/user-queries.js';
import type { ProjectedOpeningState, AlarmTimelineEntry as AlarmTimelineEntryParent } from '../domain/read-model.js';
import type { CalendarSummary } from '../calendars/calendar-repository.js';
import type { RuleConnection as RuleConnectionParent } from '../rules/rule-queries.js';
import type { AlarmConnection as AlarmConnectionParent, AlarmTimelineConnection as AlarmTimelineConnectionParent } from '../alarms/alarm-queries.js';
import type { OpeningConnection as OpeningConnectionParent } from '../openings/opening-queries.js';
import type { AuditConnection as AuditConnectionParent } from '../audit/audit-queries.js';
import type { AnyNodeConnection } from '../connections/relay-connection.js';
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

export type Query = {
  __typename?: 'Query';
  /** The calling user. */
  viewer?: Maybe<User>;
  /** Null if the user has never had a rule, a reading, a device, a calendar or an exception. */
  user?: Maybe<User>;
  /** Null if the rule does not exist or is deleted. */
  rule?: Maybe<Rule>;
  /** Rules that are not deleted, newest first. Codes: BAD_USER_INPUT, FORBIDDEN. */
  rules?: Maybe<RuleConnection>;
  alarm?: Maybe<Alarm>;
  /** Alarms by raisedAt, newest first. Codes: BAD_USER_INPUT, FORBIDDEN. */
  alarms?: Maybe<AlarmConnection>;
  /**
   * The queue of operators: the alarms of all users that an operator still has to resolve, the most severe first, and the oldest
   * (by raisedAt) first among equally severe ones: those with isQueued. An alarm that an earlier version raised, before there was a queue, is
   * in it while it is ACTIVE or after it was claimed. Removed history (LOG_RETENTION_DAYS) is not in it. For operators only. Codes:
   * BAD_USER_INPUT, FORBIDDEN.
   */
  alarmQueue?: Maybe<AlarmConnection>;
  /**
   * What was attempted, by whom, and what it changed, newest first. For operators only. Codes: BAD_USER_INPUT, FORBIDDEN,
   * SUBGRAPH_UNAVAILABLE.
   */
  auditLog?: Maybe<AuditConnection>;
  /**
   * The alarms that a rule would have raised on the recorded readings if it had held from `from`, inclusive, to `to`,
   * exclusive, with the exceptions on record. The period is at most 366 days. Codes: BAD_USER_INPUT, FORBIDDEN,
   * OPERATION_TOO_COSTLY.
   */
  simulateRule?: Maybe<RuleSimulation>;
};


export type QueryUserArgs = {
  id: Scalars['ID']['input'];
};


export type QueryRuleArgs = {
  id: Scalars['ID']['input'];
};


export type QueryRulesArgs = {
  filter?: InputMaybe<RuleFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryAlarmArgs = {
  id: Scalars['ID']['input'];
};


export type QueryAlarmsArgs = {
  filter?: InputMaybe<AlarmFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryAlarmQueueArgs = {
  filter?: InputMaybe<AlarmQueueFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type QueryAuditLogArgs = {
  filter?: InputMaybe<AuditFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


export type QuerySimulateRuleArgs = {
  rule: SimulatedRuleInput;
  from: Scalars['DateTime']['input'];
  to: Scalars['DateTime']['input'];
};

export type Subscription = {
  __typename?: 'Subscription';
  /**
   * Changes of rules, optionally of one user. A change is sent when queries can read it. To resume, pass the cursor of the
   * last payload (`extensions.cursor`) as `after`: first comes the last change of each rule that has changed since. With an
   * empty `after`, the first payload has a cursor and null as its data.
   */
  ruleChanged: RuleChange;
  /**
   * Changes of alarms, optionally of one user. A change is sent when queries can read it. To resume, pass the cursor of the
   * last payload (`extensions.cursor`) as `after`: first comes the last change of each alarm that has changed since. With an
   * empty `after`, the first payload has a cursor and null as its data.
   */
  alarmChanged: AlarmChange;
};


export type SubscriptionRuleChangedArgs = {
  userId?: InputMaybe<Scalars['ID']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


export type SubscriptionAlarmChangedArgs = {
  userId?: InputMaybe<Scalars['ID']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

export type RuleChange = {
  __typename?: 'RuleChange';
  kind: RuleChangeKind;
  rule: Rule;
};

export type RuleChangeKind =
  | 'CREATED'
  | 'UPDATED'
  | 'DELETED';

export type AlarmChange = {
  __typename?: 'AlarmChange';
  kind: AlarmChangeKind;
  alarm: Alarm;
};

/** More kinds can be added. Treat an unknown one as UPDATED. */
export type AlarmChangeKind =
  /** Also again after a retraction. */
  | 'RAISED'
  | 'CLEARED'
  | 'RETRACTED'
  | 'ACKNOWLEDGED'
  | 'UPDATED'
  | 'CLAIMED'
  | 'RELEASED'
  /** The timeline has the text. */
  | 'COMMENTED'
  | 'RESOLVED';

export type User = {
  __typename?: 'User';
  id: Scalars['ID']['output'];
  /** The user's rules that are not deleted, newest first. */
  rules?: Maybe<RuleConnection>;
  /** All openings of the user, ordered by name. Codes: OPERATION_TOO_COSTLY; use openingConnection for many openings. */
  openings?: Maybe<Array<Opening>>;
  /** The user's openings, ordered by name. Codes: BAD_USER_INPUT. */
  openingConnection?: Maybe<OpeningConnection>;
  /** The user's alarms by raisedAt, newest first. */
  alarms?: Maybe<AlarmConnection>;
  /** The user's devices: those that are not revoked, then the 100 newest revoked ones. Each group has the newest device first. */
  devices?: Maybe<Array<Device>>;
  /** The user's calendars that are not deleted, newest first. */
  calendars?: Maybe<Array<Calendar>>;
  /**
   * The user's exceptions, the last to end first: those that have not ended, and the 100 that ended last. `active` selects those
   * that are in effect now (true), or the others (false).
   */
  exceptions?: Maybe<Array<OpeningException>>;
};


export type UserRulesArgs = {
  filter?: InputMaybe<RuleFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type UserOpeningConnectionArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type UserAlarmsArgs = {
  filter?: InputMaybe<AlarmFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


export type UserExceptionsArgs = {
  active?: InputMaybe<Scalars['Boolean']['input']>;
};

/** A door, window, gate or safe of a user. Its first reading or its first rule makes it known. */
export type Opening = {
  __typename?: 'Opening';
  /** Unique for the user. */
  name: Scalars['String']['output'];
  /** Null until there is a reading. */
  state?: Maybe<OpeningState>;
  /** The instant at which the opening came into this state. */
  since?: Maybe<Scalars['DateTime']['output']>;
  /** The instant of the last reading, whatever it says. Null until there is a reading. */
  lastReadingAt?: Maybe<Scalars['DateTime']['output']>;
  /** Whether the sensor is tampered with. Null until a reading reports it. */
  tampered?: Maybe<Scalars['Boolean']['output']>;
  /** Whether the battery of the sensor is low. Null until a reading reports it. */
  batteryLow?: Maybe<Scalars['Boolean']['output']>;
  /** Rules of the opening that are not deleted, newest first. */
  rules: Array<Rule>;
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
  /** The number of alarms that the rule raised. Without `status`, retracted alarms are not counted. */
  alarmCount?: Maybe<Scalars['Int']['output']>;
  /** The alarm with the latest raisedAt that is not retracted. */
  lastAlarm?: Maybe<Alarm>;
};


/** What an opening and its sensor have to do: when it may be open, for how long, and more. */
export type RuleAlarmCountArgs = {
  status?: InputMaybe<Array<AlarmStatus>>;
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
  /** What has happened to the alarm, oldest first. Codes: BAD_USER_INPUT. */
  timeline?: Maybe<AlarmTimelineConnection>;
  /** One sentence with figures: why the alarm was raised and, if it was, why it was retracted. */
  reason: Scalars['String']['output'];
};


/** The record that a rule was broken, for example because its opening was open outside the allowed hours. */
export type AlarmTimelineArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
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

/** Something that has happened to an alarm. */
export type AlarmTimelineEntry = {
  __typename?: 'AlarmTimelineEntry';
  kind: AlarmTimelineKind;
  /** When it was recorded. The alarm's raisedAt and clearedAt, which follow from readings, can be earlier. */
  at: Scalars['DateTime']['output'];
  /** The id of the caller that did it. Null if readings or the passing of time caused it. */
  by?: Maybe<Scalars['ID']['output']>;
  /** The status of the alarm afterwards. */
  status: AlarmStatus;
  /**
   * The comment (COMMENTED), the note (ACKNOWLEDGED, RESOLVED), or the reason of the alarm (RAISED, RETRACTED, RETURNED). Null for other
   * kinds, and without a note.
   */
  text?: Maybe<Scalars['String']['output']>;
  /** Of RESOLVED; null for other kinds. */
  code?: Maybe<AlarmResolutionCode>;
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
};

/** The result of a rule simulation. */
export type RuleSimulation = {
  __typename?: 'RuleSimulation';
  /** Ordered by raisedAt, oldest first. */
  alarms: Array<SimulatedAlarm>;
  /** The number of times that the opening was opened within the period. */
  intervals: Scalars['Int']['output'];
  /** How long the opening was open within the period, in seconds. */
  openSeconds: Scalars['Int']['output'];
};

export type SimulatedAlarm = {
  __typename?: 'SimulatedAlarm';
  kind: AlarmKind;
  opening: Scalars['String']['output'];
  raisedAt: Scalars['DateTime']['output'];
  /** When the condition ended, for example because the opening was closed; null while it lasts. */
  clearedAt?: Maybe<Scalars['DateTime']['output']>;
};

export type RuleFilter = {
  userId?: InputMaybe<Scalars['ID']['input']>;
  opening?: InputMaybe<Scalars['String']['input']>;
  enabled?: InputMaybe<Scalars['Boolean']['input']>;
  /** A part of the name. Case and accents are ignored. */
  search?: InputMaybe<Scalars['String']['input']>;
};

export type AlarmFilter = {
  userId?: InputMaybe<Scalars['ID']['input']>;
  ruleId?: InputMaybe<Scalars['ID']['input']>;
  opening?: InputMaybe<Scalars['String']['input']>;
  kind?: InputMaybe<AlarmKind>;
  severity?: InputMaybe<Array<Severity>>;
  /** Without it, alarms of all statuses, including retracted ones. */
  status?: InputMaybe<Array<AlarmStatus>>;
  acknowledged?: InputMaybe<Scalars['Boolean']['input']>;
  /** Alarms raised at or after this instant. */
  raisedFrom?: InputMaybe<Scalars['DateTime']['input']>;
  /** Alarms raised before this instant. */
  raisedBefore?: InputMaybe<Scalars['DateTime']['input']>;
};

export type AlarmQueueFilter = {
  userId?: InputMaybe<Scalars['ID']['input']>;
  severity?: InputMaybe<Array<Severity>>;
  /** Without it, claimed alarms and others. */
  claim?: InputMaybe<AlarmQueueClaim>;
};

/** A rule that is not stored. The fields are those of CreateRuleInput. */
export type SimulatedRuleInput = {
  userId?: InputMaybe<Scalars['ID']['input']>;
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

/** A page of a Relay connection: 20 nodes by default, 200 at most. `first` and `last` exclude each other. */
export type RuleConnection = {
  __typename?: 'RuleConnection';
  edges: Array<RuleEdge>;
  nodes: Array<Rule>;
  pageInfo: PageInfo;
  /** The number of all nodes that the filter selects, not of this page. */
  totalCount: Scalars['Int']['output'];
};

export type RuleEdge = {
  __typename?: 'RuleEdge';
  node: Rule;
  cursor: Scalars['String']['output'];
};

/** A page of a Relay connection: 20 nodes by default, 200 at most. `first` and `last` exclude each other. */
export type AlarmConnection = {
  __typename?: 'AlarmConnection';
  edges: Array<AlarmEdge>;
  nodes: Array<Alarm>;
  pageInfo: PageInfo;
  /** The number of all nodes that the filter selects, not of this page. */
  totalCount: Scalars['Int']['output'];
};

export type AlarmEdge = {
  __typename?: 'AlarmEdge';
  node: Alarm;
  cursor: Scalars['String']['output'];
};

/** A page of a Relay connection: 20 nodes by default, 200 at most. `first` and `last` exclude each other. */
export type AlarmTimelineConnection = {
  __typename?: 'AlarmTimelineConnection';
  edges: Array<AlarmTimelineEdge>;
  nodes: Array<AlarmTimelineEntry>;
  pageInfo: PageInfo;
  /** The number of all entries, not of this page. */
  totalCount: Scalars['Int']['output'];
};

export type AlarmTimelineEdge = {
  __typename?: 'AlarmTimelineEdge';
  node: AlarmTimelineEntry;
  cursor: Scalars['String']['output'];
};

/** A page of a Relay connection: 20 nodes by default, 200 at most. `first` and `last` exclude each other. */
export type OpeningConnection = {
  __typename?: 'OpeningConnection';
  edges: Array<OpeningEdge>;
  nodes: Array<Opening>;
  pageInfo: PageInfo;
  /** The number of all openings of the user, not of this page. */
  totalCount: Scalars['Int']['output'];
};

export type OpeningEdge = {
  __typename?: 'OpeningEdge';
  node: Opening;
  cursor: Scalars['String']['output'];
};

/**
 * An entry of the audit trail: a command, or refused requests. Each entry has the hash of the entry before, so that a removed or
 * changed one is noticed (docs/audit.md).
 */
export type AuditEntry = {
  __typename?: 'AuditEntry';
  /** 1, 2, 3, ... without gaps. */
  sequence: Scalars['Int']['output'];
  /** When the entry was written. */
  at: Scalars['DateTime']['output'];
  /** The command; for refused requests, the root fields of the operation, or signIn. */
  action: Scalars['String']['output'];
  /** ACCEPTED, UNCHANGED, or the code of an error. */
  outcome: Scalars['String']['output'];
  /** customer, operator or device. Null for an anonymous caller. */
  role?: Maybe<Scalars['String']['output']>;
  /** The number of equal attempts from firstAt to lastAt. */
  count: Scalars['Int']['output'];
  firstAt: Scalars['DateTime']['output'];
  lastAt: Scalars['DateTime']['output'];
  /** The id of the caller. Null for an anonymous one, and after its erasure. */
  actor?: Maybe<Scalars['ID']['output']>;
  /** The id of the registered device, if the caller is one. Null after the erasure of the caller's data. */
  device?: Maybe<Scalars['ID']['output']>;
  /** The IP address of the caller. Null after its erasure. */
  address?: Maybe<Scalars['String']['output']>;
  /** Null after the erasure of the caller's data. */
  actorSalt?: Maybe<Scalars['String']['output']>;
  /** The user whose data the action concerns. Null after its erasure. */
  userId?: Maybe<Scalars['ID']['output']>;
  /** The id or name of what the action concerns. */
  subject?: Maybe<Scalars['String']['output']>;
  /** The changed fields before the command, as JSON. Null if it created something or changed nothing. */
  before?: Maybe<Scalars['String']['output']>;
  /** The changed fields after the command, as JSON. */
  after?: Maybe<Scalars['String']['output']>;
  /** Null after the erasure of the user's data. */
  subjectSalt?: Maybe<Scalars['String']['output']>;
  actorHash: Scalars['String']['output'];
  subjectHash: Scalars['String']['output'];
  previousHash: Scalars['String']['output'];
  hash: Scalars['String']['output'];
};

/** A page of the audit trail: 20 entries by default, 200 at most. */
export type AuditConnection = {
  __typename?: 'AuditConnection';
  edges: Array<AuditEdge>;
  nodes: Array<AuditEntry>;
  pageInfo: PageInfo;
};

export type AuditEdge = {
  __typename?: 'AuditEdge';
  node: AuditEntry;
  cursor: Scalars['String']['output'];
};

export type AuditFilter = {
  /** The id of the caller. */
  actor?: InputMaybe<Scalars['ID']['input']>;
  /** The user whose data the action concerns. */
  user?: InputMaybe<Scalars['ID']['input']>;
  action?: InputMaybe<Scalars['String']['input']>;
  outcome?: InputMaybe<Scalars['String']['input']>;
  /** Entries written at or after this instant. */
  from?: InputMaybe<Scalars['DateTime']['input']>;
  /** Entries written before this instant. */
  until?: InputMaybe<Scalars['DateTime']['input']>;
};

export type PageInfo = {
  __typename?: 'PageInfo';
  hasNextPage: Scalars['Boolean']['output'];
  hasPreviousPage: Scalars['Boolean']['output'];
  startCursor?: Maybe<Scalars['String']['output']>;
  endCursor?: Maybe<Scalars['String']['output']>;
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

export type AlarmQueueClaim =
  /** Nobody has claimed the alarm. */
  | 'UNCLAIMED'
  /** The caller has claimed the alarm. */
  | 'MINE';

export type AlarmTimelineKind =
  | 'RAISED'
  | 'CLEARED'
  | 'RETRACTED'
  /** Raised again after a retraction. */
  | 'RETURNED'
  | 'ACKNOWLEDGED'
  /** Late or withdrawn readings have changed the alarm, for example its clearedAt. */
  | 'UPDATED'
  | 'CLAIMED'
  | 'RELEASED'
  | 'COMMENTED'
  | 'RESOLVED';

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
  User: User;
  Rule: Rule;
  Calendar: Calendar;
  Alarm: Alarm;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  User:
    ( { __typename: 'User' }
    & GraphQLRecursivePick<FederationTypes['User'], {"id":true}> );
  Rule:
    ( { __typename: 'Rule' }
    & GraphQLRecursivePick<FederationTypes['Rule'], {"id":true}> );
  Calendar:
    ( { __typename: 'Calendar' }
    & GraphQLRecursivePick<FederationTypes['Calendar'], {"id":true}> );
  Alarm:
    ( { __typename: 'Alarm' }
    & GraphQLRecursivePick<FederationTypes['Alarm'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  LocalTime: ResolverTypeWrapper<Scalars['LocalTime']['output']>;
  TimeZone: ResolverTypeWrapper<Scalars['TimeZone']['output']>;
  Date: ResolverTypeWrapper<Scalars['Date']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RuleChange: ResolverTypeWrapper<Omit<RuleChange, 'rule'> & { rule: ResolversTypes['Rule'] }>;
  RuleChangeKind: RuleChangeKind;
  AlarmChange: ResolverTypeWrapper<Omit<AlarmChange, 'alarm'> & { alarm: ResolversTypes['Alarm'] }>;
  AlarmChangeKind: AlarmChangeKind;
  User: ResolverTypeWrapper<UserReference>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Opening: ResolverTypeWrapper<ProjectedOpeningState>;
  Rule: ResolverTypeWrapper<RuleState>;
  Window: ResolverTypeWrapper<Window>;
  Calendar: ResolverTypeWrapper<CalendarSummary>;
  CalendarDate: ResolverTypeWrapper<CalendarDate>;
  CalendarWindow: ResolverTypeWrapper<CalendarWindow>;
  OpeningException: ResolverTypeWrapper<OpeningExceptionState>;
  Alarm: ResolverTypeWrapper<AlarmState>;
  AlarmResolution: ResolverTypeWrapper<AlarmResolution>;
  AlarmTimelineEntry: ResolverTypeWrapper<AlarmTimelineEntryParent>;
  Device: ResolverTypeWrapper<DeviceState>;
  RuleSimulation: ResolverTypeWrapper<RuleSimulation>;
  SimulatedAlarm: ResolverTypeWrapper<SimulatedAlarm>;
  RuleFilter: RuleFilter;
  AlarmFilter: AlarmFilter;
  AlarmQueueFilter: AlarmQueueFilter;
  SimulatedRuleInput: SimulatedRuleInput;
  WindowInput: WindowInput;
  ActiveWindowInput: ActiveWindowInput;
  RuleConnection: ResolverTypeWrapper<RuleConnectionParent>;
  RuleEdge: ResolverTypeWrapper<Omit<RuleEdge, 'node'> & { node: ResolversTypes['Rule'] }>;
  AlarmConnection: ResolverTypeWrapper<AlarmConnectionParent>;
  AlarmEdge: ResolverTypeWrapper<Omit<AlarmEdge, 'node'> & { node: ResolversTypes['Alarm'] }>;
  AlarmTimelineConnection: ResolverTypeWrapper<AlarmTimelineConnectionParent>;
  AlarmTimelineEdge: ResolverTypeWrapper<Omit<AlarmTimelineEdge, 'node'> & { node: ResolversTypes['AlarmTimelineEntry'] }>;
  OpeningConnection: ResolverTypeWrapper<OpeningConnectionParent>;
  OpeningEdge: ResolverTypeWrapper<Omit<OpeningEdge, 'node'> & { node: ResolversTypes['Opening'] }>;
  AuditEntry: ResolverTypeWrapper<AuditEntryParent>;
  AuditConnection: ResolverTypeWrapper<AuditConnectionParent>;
  AuditEdge: ResolverTypeWrapper<Omit<AuditEdge, 'node'> & { node: ResolversTypes['AuditEntry'] }>;
  AuditFilter: AuditFilter;
  PageInfo: ResolverTypeWrapper<AnyNodeConnection>;
  Weekday: Weekday;
  Severity: Severity;
  OpeningState: OpeningState;
  AlarmKind: AlarmKind;
  AlarmStatus: AlarmStatus;
  AlarmResolutionCode: AlarmResolutionCode;
  AlarmQueueClaim: AlarmQueueClaim;
  AlarmTimelineKind: AlarmTimelineKind;
  ExceptionEffect: ExceptionEffect;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  LocalTime: Scalars['LocalTime']['output'];
  TimeZone: Scalars['TimeZone']['output'];
  Date: Scalars['Date']['output'];
  Query: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  RuleChange: Omit<RuleChange, 'rule'> & { rule: ResolversParentTypes['Rule'] };
  AlarmChange: Omit<AlarmChange, 'alarm'> & { alarm: ResolversParentTypes['Alarm'] };
  User: UserReference;
  Boolean: Scalars['Boolean']['output'];
  Opening: ProjectedOpeningState;
  Rule: RuleState;
  Window: Window;
  Calendar: CalendarSummary;
  CalendarDate: CalendarDate;
  CalendarWindow: CalendarWindow;
  OpeningException: OpeningExceptionState;
  Alarm: AlarmState;
  AlarmResolution: AlarmResolution;
  AlarmTimelineEntry: AlarmTimelineEntryParent;
  Device: DeviceState;
  RuleSimulation: RuleSimulation;
  SimulatedAlarm: SimulatedAlarm;
  RuleFilter: RuleFilter;
  AlarmFilter: AlarmFilter;
  AlarmQueueFilter: AlarmQueueFilter;
  SimulatedRuleInput: SimulatedRuleInput;
  WindowInput: WindowInput;
  ActiveWindowInput: ActiveWindowInput;
  RuleConnection: RuleConnectionParent;
  RuleEdge: Omit<RuleEdge, 'node'> & { node: ResolversParentTypes['Rule'] };
  AlarmConnection: AlarmConnectionParent;
  AlarmEdge: Omit<AlarmEdge, 'node'> & { node: ResolversParentTypes['Alarm'] };
  AlarmTimelineConnection: AlarmTimelineConnectionParent;
  AlarmTimelineEdge: Omit<AlarmTimelineEdge, 'node'> & { node: ResolversParentTypes['AlarmTimelineEntry'] };
  OpeningConnection: OpeningConnectionParent;
  OpeningEdge: Omit<OpeningEdge, 'node'> & { node: ResolversParentTypes['Opening'] };
  AuditEntry: AuditEntryParent;
  AuditConnection: AuditConnectionParent;
  AuditEdge: Omit<AuditEdge, 'node'> & { node: ResolversParentTypes['AuditEntry'] };
  AuditFilter: AuditFilter;
  PageInfo: AnyNodeConnection;
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

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  viewer?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<QueryUserArgs, 'id'>>;
  rule?: Resolver<Maybe<ResolversTypes['Rule']>, ParentType, ContextType, RequireFields<QueryRuleArgs, 'id'>>;
  rules?: Resolver<Maybe<ResolversTypes['RuleConnection']>, ParentType, ContextType, Partial<QueryRulesArgs>>;
  alarm?: Resolver<Maybe<ResolversTypes['Alarm']>, ParentType, ContextType, RequireFields<QueryAlarmArgs, 'id'>>;
  alarms?: Resolver<Maybe<ResolversTypes['AlarmConnection']>, ParentType, ContextType, Partial<QueryAlarmsArgs>>;
  alarmQueue?: Resolver<Maybe<ResolversTypes['AlarmConnection']>, ParentType, ContextType, Partial<QueryAlarmQueueArgs>>;
  auditLog?: Resolver<Maybe<ResolversTypes['AuditConnection']>, ParentType, ContextType, Partial<QueryAuditLogArgs>>;
  simulateRule?: Resolver<Maybe<ResolversTypes['RuleSimulation']>, ParentType, ContextType, RequireFields<QuerySimulateRuleArgs, 'rule' | 'from' | 'to'>>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  ruleChanged?: SubscriptionResolver<ResolversTypes['RuleChange'], "ruleChanged", ParentType, ContextType, Partial<SubscriptionRuleChangedArgs>>;
  alarmChanged?: SubscriptionResolver<ResolversTypes['AlarmChange'], "alarmChanged", ParentType, ContextType, Partial<SubscriptionAlarmChangedArgs>>;
};

export type RuleChangeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RuleChange'] = ResolversParentTypes['RuleChange']> = {
  kind?: Resolver<ResolversTypes['RuleChangeKind'], ParentType, ContextType>;
  rule?: Resolver<ResolversTypes['Rule'], ParentType, ContextType>;
};

export type AlarmChangeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AlarmChange'] = ResolversParentTypes['AlarmChange']> = {
  kind?: Resolver<ResolversTypes['AlarmChangeKind'], ParentType, ContextType>;
  alarm?: Resolver<ResolversTypes['Alarm'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  rules?: Resolver<Maybe<ResolversTypes['RuleConnection']>, ParentType, ContextType, Partial<UserRulesArgs>>;
  openings?: Resolver<Maybe<Array<ResolversTypes['Opening']>>, ParentType, ContextType>;
  openingConnection?: Resolver<Maybe<ResolversTypes['OpeningConnection']>, ParentType, ContextType, Partial<UserOpeningConnectionArgs>>;
  alarms?: Resolver<Maybe<ResolversTypes['AlarmConnection']>, ParentType, ContextType, Partial<UserAlarmsArgs>>;
  devices?: Resolver<Maybe<Array<ResolversTypes['Device']>>, ParentType, ContextType>;
  calendars?: Resolver<Maybe<Array<ResolversTypes['Calendar']>>, ParentType, ContextType>;
  exceptions?: Resolver<Maybe<Array<ResolversTypes['OpeningException']>>, ParentType, ContextType, Partial<UserExceptionsArgs>>;
};

export type OpeningResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Opening'] = ResolversParentTypes['Opening']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  state?: Resolver<Maybe<ResolversTypes['OpeningState']>, ParentType, ContextType>;
  since?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  lastReadingAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  tampered?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  batteryLow?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  rules?: Resolver<Array<ResolversTypes['Rule']>, ParentType, ContextType>;
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
  alarmCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType, Partial<RuleAlarmCountArgs>>;
  lastAlarm?: Resolver<Maybe<ResolversTypes['Alarm']>, ParentType, ContextType>;
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
  timeline?: Resolver<Maybe<ResolversTypes['AlarmTimelineConnection']>, ParentType, ContextType, Partial<AlarmTimelineArgs>>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AlarmResolutionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AlarmResolution'] = ResolversParentTypes['AlarmResolution']> = {
  code?: Resolver<ResolversTypes['AlarmResolutionCode'], ParentType, ContextType>;
  note?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  by?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type AlarmTimelineEntryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AlarmTimelineEntry'] = ResolversParentTypes['AlarmTimelineEntry']> = {
  kind?: Resolver<ResolversTypes['AlarmTimelineKind'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  by?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['AlarmStatus'], ParentType, ContextType>;
  text?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  code?: Resolver<Maybe<ResolversTypes['AlarmResolutionCode']>, ParentType, ContextType>;
};

export type DeviceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Device'] = ResolversParentTypes['Device']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  openings?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type RuleSimulationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RuleSimulation'] = ResolversParentTypes['RuleSimulation']> = {
  alarms?: Resolver<Array<ResolversTypes['SimulatedAlarm']>, ParentType, ContextType>;
  intervals?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  openSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SimulatedAlarmResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SimulatedAlarm'] = ResolversParentTypes['SimulatedAlarm']> = {
  kind?: Resolver<ResolversTypes['AlarmKind'], ParentType, ContextType>;
  opening?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  raisedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  clearedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type RuleConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RuleConnection'] = ResolversParentTypes['RuleConnection']> = {
  edges?: Resolver<Array<ResolversTypes['RuleEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['Rule']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RuleEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RuleEdge'] = ResolversParentTypes['RuleEdge']> = {
  node?: Resolver<ResolversTypes['Rule'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AlarmConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AlarmConnection'] = ResolversParentTypes['AlarmConnection']> = {
  edges?: Resolver<Array<ResolversTypes['AlarmEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['Alarm']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type AlarmEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AlarmEdge'] = ResolversParentTypes['AlarmEdge']> = {
  node?: Resolver<ResolversTypes['Alarm'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AlarmTimelineConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AlarmTimelineConnection'] = ResolversParentTypes['AlarmTimelineConnection']> = {
  edges?: Resolver<Array<ResolversTypes['AlarmTimelineEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['AlarmTimelineEntry']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type AlarmTimelineEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AlarmTimelineEdge'] = ResolversParentTypes['AlarmTimelineEdge']> = {
  node?: Resolver<ResolversTypes['AlarmTimelineEntry'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type OpeningConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['OpeningConnection'] = ResolversParentTypes['OpeningConnection']> = {
  edges?: Resolver<Array<ResolversTypes['OpeningEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['Opening']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type OpeningEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['OpeningEdge'] = ResolversParentTypes['OpeningEdge']> = {
  node?: Resolver<ResolversTypes['Opening'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AuditEntryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEntry'] = ResolversParentTypes['AuditEntry']> = {
  sequence?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  outcome?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  role?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  firstAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lastAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  actor?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  device?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  address?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  actorSalt?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  userId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  subject?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  before?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  after?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  subjectSalt?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  actorHash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  subjectHash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  previousHash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  hash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AuditConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditConnection'] = ResolversParentTypes['AuditConnection']> = {
  edges?: Resolver<Array<ResolversTypes['AuditEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['AuditEntry']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type AuditEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEdge'] = ResolversParentTypes['AuditEdge']> = {
  node?: Resolver<ResolversTypes['AuditEntry'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  DateTime?: GraphQLScalarType;
  LocalTime?: GraphQLScalarType;
  TimeZone?: GraphQLScalarType;
  Date?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  RuleChange?: RuleChangeResolvers<ContextType>;
  AlarmChange?: AlarmChangeResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  Opening?: OpeningResolvers<ContextType>;
  Rule?: RuleResolvers<ContextType>;
  Window?: WindowResolvers<ContextType>;
  Calendar?: CalendarResolvers<ContextType>;
  CalendarDate?: CalendarDateResolvers<ContextType>;
  CalendarWindow?: CalendarWindowResolvers<ContextType>;
  OpeningException?: OpeningExceptionResolvers<ContextType>;
  Alarm?: AlarmResolvers<ContextType>;
  AlarmResolution?: AlarmResolutionResolvers<ContextType>;
  AlarmTimelineEntry?: AlarmTimelineEntryResolvers<ContextType>;
  Device?: DeviceResolvers<ContextType>;
  RuleSimulation?: RuleSimulationResolvers<ContextType>;
  SimulatedAlarm?: SimulatedAlarmResolvers<ContextType>;
  RuleConnection?: RuleConnectionResolvers<ContextType>;
  RuleEdge?: RuleEdgeResolvers<ContextType>;
  AlarmConnection?: AlarmConnectionResolvers<ContextType>;
  AlarmEdge?: AlarmEdgeResolvers<ContextType>;
  AlarmTimelineConnection?: AlarmTimelineConnectionResolvers<ContextType>;
  AlarmTimelineEdge?: AlarmTimelineEdgeResolvers<ContextType>;
  OpeningConnection?: OpeningConnectionResolvers<ContextType>;
  OpeningEdge?: OpeningEdgeResolvers<ContextType>;
  AuditEntry?: AuditEntryResolvers<ContextType>;
  AuditConnection?: AuditConnectionResolvers<ContextType>;
  AuditEdge?: AuditEdgeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
};

