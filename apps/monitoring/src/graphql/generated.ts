import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { RuleState, AlarmState, DeviceState } from '@seguridad-abc/contracts';
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
   * than 1000 readings), FORBIDDEN (a device sends a reading of an opening that is not its own), QUOTA_EXCEEDED (too many openings, alarms of one command, or readings in a minute:
   * `extensions.retryAfter` is then the time in seconds after which to send them again).
   */
  recordReadings: RecordReadingsPayload;
  /**
   * Codes: BAD_USER_INPUT, NOT_FOUND, CONFLICT (the alarm is already acknowledged; `extensions.acknowledgedBy` and
   * `extensions.acknowledgedAt` say by whom and when).
   */
  acknowledgeAlarm: AcknowledgeAlarmPayload;
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
   * Erases everything that is stored of a user, which cannot be undone: rules, devices, openings with readings and alarms, events,
   * and the user's part of the audit trail. A query with the consistency token of the response no longer sees the user. What the
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
export type MutationAcknowledgeAlarmArgs = {
  input: AcknowledgeAlarmInput;
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

/** A rule has allowed hours (opensAt and closesAt), or a timer (maxOpenSeconds), or both. */
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
  /** The wall-clock time from which the opening may be open. */
  opensAt?: InputMaybe<Scalars['LocalTime']['input']>;
  /**
   * The wall-clock time up to which, exclusive, the opening may be open. Earlier than opensAt: on the following day. Equal to
   * opensAt: at the same time of the following day.
   */
  closesAt?: InputMaybe<Scalars['LocalTime']['input']>;
  /** The days on which the allowed hours start. Null or absent: all seven. An empty list: never allowed. */
  days?: InputMaybe<Array<Weekday>>;
  timeZone: Scalars['TimeZone']['input'];
  /** How long the opening may be open at a time: 1 to 604800 seconds. */
  maxOpenSeconds?: InputMaybe<Scalars['Int']['input']>;
  severity: Severity;
  enabled: Scalars['Boolean']['input'];
  /** The instant from which the rule holds: now by default, any instant in the past, at most one year ahead. */
  effectiveFrom?: InputMaybe<Scalars['DateTime']['input']>;
};

/**
 * An absent field keeps its value. Null clears a field that is nullable in `Rule`; for `days` it means all seven days. Other
 * fields do not accept null.
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
  opensAt?: InputMaybe<Scalars['LocalTime']['input']>;
  closesAt?: InputMaybe<Scalars['LocalTime']['input']>;
  days?: InputMaybe<Array<Weekday>>;
  timeZone?: InputMaybe<Scalars['TimeZone']['input']>;
  maxOpenSeconds?: InputMaybe<Scalars['Int']['input']>;
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

export type RecordReadingsInput = {
  /** The owner of the openings: the caller by default. Only an operator may name another user. */
  userId?: InputMaybe<Scalars['ID']['input']>;
  /** 1 to 1000 readings. */
  readings: Array<ReadingInput>;
};

/** One report of an opening's state. */
export type ReadingInput = {
  /**
   * Chosen by the client, 1 to 200 characters, unique per opening. A reading with a known id is a duplicate, even if its other
   * fields differ.
   */
  id: Scalars['ID']['input'];
  /** 1 to 80 characters, trimmed; case-sensitive. A new name registers an opening. */
  opening: Scalars['String']['input'];
  state: OpeningState;
  /**
   * At most 5 minutes ahead of the server's clock; an early reading takes effect at its instant. At most a day ago (a setting of
   * the installation), except from operators.
   */
  at: Scalars['DateTime']['input'];
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
  /** In the order of the command. The ids stay free for other readings. */
  refused: Array<RefusedReading>;
};

export type RefusedReading = {
  __typename?: 'RefusedReading';
  id: Scalars['ID']['output'];
  /** The index among the readings of the command, from 0. */
  index: Scalars['Int']['output'];
  /** The code of the first fault: READING_IN_FUTURE, READING_TOO_LATE, READING_BEFORE_HORIZON, EMPTY, TOO_LONG, CONTROL_CHARACTER or INVALID. */
  code: Scalars['String']['output'];
  message: Scalars['String']['output'];
};

export type AcknowledgeAlarmPayload = {
  __typename?: 'AcknowledgeAlarmPayload';
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

/** When an opening may be open, and for how long. */
export type Rule = {
  __typename?: 'Rule';
  id: Scalars['ID']['output'];
  user: User;
  name: Scalars['String']['output'];
  opening: Scalars['String']['output'];
  opensAt?: Maybe<Scalars['LocalTime']['output']>;
  closesAt?: Maybe<Scalars['LocalTime']['output']>;
  /** The days on which the allowed hours start, in the order of the week. */
  days: Array<Weekday>;
  timeZone: Scalars['TimeZone']['output'];
  /** How long the opening may be open at a time, in seconds. */
  maxOpenSeconds?: Maybe<Scalars['Int']['output']>;
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

/** The record that a rule was broken: its opening was open outside the allowed hours, or for too long. */
export type Alarm = {
  __typename?: 'Alarm';
  /** Derived from the rule, the kind and the reading that opened. A new evaluation does not change it. */
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
  /** When the opening was closed; null while it is open. */
  clearedAt?: Maybe<Scalars['DateTime']['output']>;
  acknowledgedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The id of the caller that acknowledged the alarm. */
  acknowledgedBy?: Maybe<Scalars['ID']['output']>;
  /** The note of the caller that acknowledged the alarm. */
  note?: Maybe<Scalars['String']['output']>;
  /** One sentence with figures: why the alarm was raised and, if it was, why it was retracted. */
  reason: Scalars['String']['output'];
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
  | 'OPEN_TOO_LONG';

export type AlarmStatus =
  /** The opening is still open. */
  | 'ACTIVE'
  /** The opening was closed. */
  | 'CLEARED'
  /** A late reading showed that the alarm was never due. */
  | 'RETRACTED';



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
  Alarm: Alarm;
  Device: Device;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Rule:
    ( { __typename: 'Rule' }
    & GraphQLRecursivePick<FederationTypes['Rule'], {"id":true}> );
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
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  CreateRuleInput: CreateRuleInput;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  UpdateRuleInput: UpdateRuleInput;
  DeleteRuleInput: DeleteRuleInput;
  RecordReadingsInput: RecordReadingsInput;
  ReadingInput: ReadingInput;
  AcknowledgeAlarmInput: AcknowledgeAlarmInput;
  RegisterDeviceInput: RegisterDeviceInput;
  RevokeDeviceInput: RevokeDeviceInput;
  EraseUserDataInput: EraseUserDataInput;
  CreateRulePayload: ResolverTypeWrapper<Omit<CreateRulePayload, 'rule'> & { rule: ResolversTypes['Rule'] }>;
  UpdateRulePayload: ResolverTypeWrapper<Omit<UpdateRulePayload, 'rule'> & { rule: ResolversTypes['Rule'] }>;
  DeleteRulePayload: ResolverTypeWrapper<Omit<DeleteRulePayload, 'rule'> & { rule: ResolversTypes['Rule'] }>;
  RecordReadingsPayload: ResolverTypeWrapper<RecordReadingsPayload>;
  RefusedReading: ResolverTypeWrapper<RefusedReading>;
  AcknowledgeAlarmPayload: ResolverTypeWrapper<Omit<AcknowledgeAlarmPayload, 'alarm'> & { alarm: ResolversTypes['Alarm'] }>;
  RegisterDevicePayload: ResolverTypeWrapper<Omit<RegisterDevicePayload, 'device'> & { device: ResolversTypes['Device'] }>;
  RevokeDevicePayload: ResolverTypeWrapper<Omit<RevokeDevicePayload, 'device'> & { device: ResolversTypes['Device'] }>;
  EraseUserDataPayload: ResolverTypeWrapper<EraseUserDataPayload>;
  User: ResolverTypeWrapper<User>;
  Rule: ResolverTypeWrapper<RuleState>;
  Alarm: ResolverTypeWrapper<AlarmState>;
  Device: ResolverTypeWrapper<DeviceState>;
  Weekday: Weekday;
  Severity: Severity;
  OpeningState: OpeningState;
  AlarmKind: AlarmKind;
  AlarmStatus: AlarmStatus;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  LocalTime: Scalars['LocalTime']['output'];
  TimeZone: Scalars['TimeZone']['output'];
  Mutation: Record<PropertyKey, never>;
  CreateRuleInput: CreateRuleInput;
  String: Scalars['String']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  Boolean: Scalars['Boolean']['output'];
  UpdateRuleInput: UpdateRuleInput;
  DeleteRuleInput: DeleteRuleInput;
  RecordReadingsInput: RecordReadingsInput;
  ReadingInput: ReadingInput;
  AcknowledgeAlarmInput: AcknowledgeAlarmInput;
  RegisterDeviceInput: RegisterDeviceInput;
  RevokeDeviceInput: RevokeDeviceInput;
  EraseUserDataInput: EraseUserDataInput;
  CreateRulePayload: Omit<CreateRulePayload, 'rule'> & { rule: ResolversParentTypes['Rule'] };
  UpdateRulePayload: Omit<UpdateRulePayload, 'rule'> & { rule: ResolversParentTypes['Rule'] };
  DeleteRulePayload: Omit<DeleteRulePayload, 'rule'> & { rule: ResolversParentTypes['Rule'] };
  RecordReadingsPayload: RecordReadingsPayload;
  RefusedReading: RefusedReading;
  AcknowledgeAlarmPayload: Omit<AcknowledgeAlarmPayload, 'alarm'> & { alarm: ResolversParentTypes['Alarm'] };
  RegisterDevicePayload: Omit<RegisterDevicePayload, 'device'> & { device: ResolversParentTypes['Device'] };
  RevokeDevicePayload: Omit<RevokeDevicePayload, 'device'> & { device: ResolversParentTypes['Device'] };
  EraseUserDataPayload: EraseUserDataPayload;
  User: User;
  Rule: RuleState;
  Alarm: AlarmState;
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

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  createRule?: Resolver<ResolversTypes['CreateRulePayload'], ParentType, ContextType, RequireFields<MutationCreateRuleArgs, 'input'>>;
  updateRule?: Resolver<ResolversTypes['UpdateRulePayload'], ParentType, ContextType, RequireFields<MutationUpdateRuleArgs, 'input'>>;
  deleteRule?: Resolver<ResolversTypes['DeleteRulePayload'], ParentType, ContextType, RequireFields<MutationDeleteRuleArgs, 'input'>>;
  recordReadings?: Resolver<ResolversTypes['RecordReadingsPayload'], ParentType, ContextType, RequireFields<MutationRecordReadingsArgs, 'input'>>;
  acknowledgeAlarm?: Resolver<ResolversTypes['AcknowledgeAlarmPayload'], ParentType, ContextType, RequireFields<MutationAcknowledgeAlarmArgs, 'input'>>;
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
  refused?: Resolver<Array<ResolversTypes['RefusedReading']>, ParentType, ContextType>;
};

export type RefusedReadingResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RefusedReading'] = ResolversParentTypes['RefusedReading']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AcknowledgeAlarmPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AcknowledgeAlarmPayload'] = ResolversParentTypes['AcknowledgeAlarmPayload']> = {
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
  opensAt?: Resolver<Maybe<ResolversTypes['LocalTime']>, ParentType, ContextType>;
  closesAt?: Resolver<Maybe<ResolversTypes['LocalTime']>, ParentType, ContextType>;
  days?: Resolver<Array<ResolversTypes['Weekday']>, ParentType, ContextType>;
  timeZone?: Resolver<ResolversTypes['TimeZone'], ParentType, ContextType>;
  maxOpenSeconds?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  severity?: Resolver<ResolversTypes['Severity'], ParentType, ContextType>;
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  effectiveFrom?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  deletedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
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
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
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
  Mutation?: MutationResolvers<ContextType>;
  CreateRulePayload?: CreateRulePayloadResolvers<ContextType>;
  UpdateRulePayload?: UpdateRulePayloadResolvers<ContextType>;
  DeleteRulePayload?: DeleteRulePayloadResolvers<ContextType>;
  RecordReadingsPayload?: RecordReadingsPayloadResolvers<ContextType>;
  RefusedReading?: RefusedReadingResolvers<ContextType>;
  AcknowledgeAlarmPayload?: AcknowledgeAlarmPayloadResolvers<ContextType>;
  RegisterDevicePayload?: RegisterDevicePayloadResolvers<ContextType>;
  RevokeDevicePayload?: RevokeDevicePayloadResolvers<ContextType>;
  EraseUserDataPayload?: EraseUserDataPayloadResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  Rule?: RuleResolvers<ContextType>;
  Alarm?: AlarmResolvers<ContextType>;
  Device?: DeviceResolvers<ContextType>;
};

