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

export type AlarmChangeKind =
  | 'ACKNOWLEDGED'
  | 'CLEARED'
  | 'RAISED'
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
  /** The opening was open for longer than maxOpenSeconds. */
  | 'OPEN_TOO_LONG'
  /** The opening was open outside the allowed hours. */
  | 'OUTSIDE_HOURS';

export type AlarmStatus =
  /** The opening is still open. */
  | 'ACTIVE'
  /** The opening was closed. */
  | 'CLEARED'
  /** A late reading showed that the alarm was never due. */
  | 'RETRACTED';

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

/** A rule has allowed hours (opensAt and closesAt), or a timer (maxOpenSeconds), or both. */
export type CreateRuleInput = {
  /**
   * An idempotency key that the caller chooses, 1 to 200 characters, stored for 7 days. The same key with the same input
   * returns the first result and changes nothing. With another input it is a CONFLICT.
   */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  /**
   * The wall-clock time up to which, exclusive, the opening may be open. Earlier than opensAt: on the following day. Equal to
   * opensAt: at the same time of the following day.
   */
  readonly closesAt?: InputMaybe<Scalars['LocalTime']['input']>;
  /** The days on which the allowed hours start. Null or absent: all seven. An empty list: never allowed. */
  readonly days?: InputMaybe<ReadonlyArray<Weekday>>;
  /** The instant from which the rule holds: now by default, any instant in the past, at most one year ahead. */
  readonly effectiveFrom?: InputMaybe<Scalars['DateTime']['input']>;
  readonly enabled?: Scalars['Boolean']['input'];
  /** How long the opening may be open at a time: 1 to 604800 seconds. */
  readonly maxOpenSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** 1 to 120 characters, trimmed; unique per user and opening among rules that are not deleted. */
  readonly name: Scalars['String']['input'];
  /** 1 to 80 characters, trimmed; case-sensitive. */
  readonly opening: Scalars['String']['input'];
  /** The wall-clock time from which the opening may be open. */
  readonly opensAt?: InputMaybe<Scalars['LocalTime']['input']>;
  readonly severity?: Severity;
  readonly timeZone?: Scalars['TimeZone']['input'];
  /** The owner of the rule: the caller by default. Only an operator may name another user. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
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

export type OpeningState =
  | 'CLOSED'
  | 'OPEN';

/** One report of an opening's state. */
export type ReadingInput = {
  /**
   * At most 5 minutes ahead of the server's clock; an early reading takes effect at its instant. At most a day ago (a setting of
   * the installation), except from operators.
   */
  readonly at: Scalars['DateTime']['input'];
  /**
   * Chosen by the client, 1 to 200 characters, unique per opening. A reading with a known id is a duplicate, even if its other
   * fields differ.
   */
  readonly id: Scalars['ID']['input'];
  /** 1 to 80 characters, trimmed; case-sensitive. A new name registers an opening. */
  readonly opening: Scalars['String']['input'];
  readonly state: OpeningState;
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
  readonly closesAt?: InputMaybe<Scalars['LocalTime']['input']>;
  readonly days?: InputMaybe<ReadonlyArray<Weekday>>;
  readonly maxOpenSeconds?: InputMaybe<Scalars['Int']['input']>;
  readonly opening: Scalars['String']['input'];
  readonly opensAt?: InputMaybe<Scalars['LocalTime']['input']>;
  readonly timeZone?: Scalars['TimeZone']['input'];
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
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
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
  readonly closesAt?: InputMaybe<Scalars['LocalTime']['input']>;
  readonly days?: InputMaybe<ReadonlyArray<Weekday>>;
  readonly enabled?: InputMaybe<Scalars['Boolean']['input']>;
  /** The change is rejected with STALE_VERSION if the rule is not at this version. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  readonly id: Scalars['ID']['input'];
  readonly maxOpenSeconds?: InputMaybe<Scalars['Int']['input']>;
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly opensAt?: InputMaybe<Scalars['LocalTime']['input']>;
  readonly severity?: InputMaybe<Severity>;
  readonly timeZone?: InputMaybe<Scalars['TimeZone']['input']>;
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

export type RuleFieldsFragment = { readonly id: string, readonly name: string, readonly opening: string, readonly opensAt: string | null, readonly closesAt: string | null, readonly maxOpenSeconds: number | null };

export type RulesQueryVariables = Exact<{
  userId: Scalars['ID']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type RulesQuery = { readonly rules: { readonly totalCount: number, readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly id: string, readonly name: string, readonly opening: string, readonly opensAt: string | null, readonly closesAt: string | null, readonly maxOpenSeconds: number | null } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } | null };

export type CreateRuleMutationVariables = Exact<{
  input: CreateRuleInput;
}>;


export type CreateRuleMutation = { readonly createRule: { readonly rule: { readonly id: string, readonly name: string, readonly opening: string, readonly opensAt: string | null, readonly closesAt: string | null, readonly maxOpenSeconds: number | null } } };

export type RuleChangedSubscriptionVariables = Exact<{
  userId: Scalars['ID']['input'];
}>;


export type RuleChangedSubscription = { readonly ruleChanged: { readonly kind: RuleChangeKind, readonly rule: { readonly id: string } } };

export type HealthSubscriptionVariables = Exact<{
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type HealthSubscription = { readonly heartbeat: { readonly name: string, readonly status: HealthStatus, readonly reason: string, readonly since: string } };

export const RuleFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RuleFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rule"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"maxOpenSeconds"}}]}}]} as unknown as DocumentNode<RuleFieldsFragment, unknown>;
export const RulesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Rules"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rules"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RuleFields"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RuleFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rule"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"maxOpenSeconds"}}]}}]} as unknown as DocumentNode<RulesQuery, RulesQueryVariables>;
export const CreateRuleDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateRule"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateRuleInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createRule"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RuleFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RuleFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Rule"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"opening"}},{"kind":"Field","name":{"kind":"Name","value":"opensAt"}},{"kind":"Field","name":{"kind":"Name","value":"closesAt"}},{"kind":"Field","name":{"kind":"Name","value":"maxOpenSeconds"}}]}}]} as unknown as DocumentNode<CreateRuleMutation, CreateRuleMutationVariables>;
export const RuleChangedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RuleChanged"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"userId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"ruleChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"userId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"userId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"rule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<RuleChangedSubscription, RuleChangedSubscriptionVariables>;
export const HealthDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Health"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"heartbeat"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"since"}}]}}]}}]} as unknown as DocumentNode<HealthSubscription, HealthSubscriptionVariables>;