import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ServiceHealth as ServiceHealthParent, ServiceInstance as ServiceInstanceParent } from '@seguridad-abc/contracts';
import type { HealthTransition as HealthTransitionParent } from '../domain/health-transitions.js';
import type { Context } from './context.js';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
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
  _FieldSet: { input: string; output: string; }
};

export type Query = {
  __typename?: 'Query';
  /** Every expected service, and every other service that has sent a heartbeat. Sorted by name. */
  services?: Maybe<Array<ServiceHealth>>;
  /** One service by name. Null if it is not expected and has sent no heartbeat. */
  service?: Maybe<ServiceHealth>;
};


export type QueryServiceArgs = {
  name: Scalars['String']['input'];
};

export type Subscription = {
  __typename?: 'Subscription';
  /**
   * Delivers the current state of each service first, then each status change in order. `services` selects services by name:
   * null means all, an empty list means none. With `after`, the cursor of an earlier payload (`extensions.cursor`), the
   * first part contains only services that have changed since that payload.
   */
  heartbeat: ServiceHealth;
};


export type SubscriptionHeartbeatArgs = {
  services?: InputMaybe<Array<Scalars['String']['input']>>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** The health of one service. It follows from the heartbeats that the processes of the service send. */
export type ServiceHealth = {
  __typename?: 'ServiceHealth';
  name: Scalars['String']['output'];
  status: HealthStatus;
  /** Why the service has this status: one sentence with figures. */
  reason: Scalars['String']['output'];
  /** When this status began. */
  since: Scalars['DateTime']['output'];
  /** When the last heartbeat arrived. Null if none has arrived. */
  lastBeatAt?: Maybe<Scalars['DateTime']['output']>;
  instances: Array<ServiceInstance>;
  /**
   * The share of the observed time in which the service was available, from 0 to 1, in the window that ends now. UP, LATE and
   * DEGRADED count as available. UNKNOWN, MAINTENANCE and time while the monitor was not running are not observed time. Null
   * if no time was observed.
   */
  uptime?: Maybe<Scalars['Float']['output']>;
  /** The last status changes, newest first. `first` is from 1 to 200. */
  transitions: Array<HealthTransition>;
};


/** The health of one service. It follows from the heartbeats that the processes of the service send. */
export type ServiceHealthUptimeArgs = {
  window: UptimeWindow;
};


/** The health of one service. It follows from the heartbeats that the processes of the service send. */
export type ServiceHealthTransitionsArgs = {
  first: Scalars['Int']['input'];
};

/** One process of a service. */
export type ServiceInstance = {
  __typename?: 'ServiceInstance';
  id: Scalars['ID']['output'];
  status: HealthStatus;
  /** The version of the software. */
  version: Scalars['String']['output'];
  /** When the process started. */
  startedAt: Scalars['DateTime']['output'];
  /** When the last heartbeat arrived. */
  lastBeatAt: Scalars['DateTime']['output'];
};

/** A change of a service's status. */
export type HealthTransition = {
  __typename?: 'HealthTransition';
  from: HealthStatus;
  to: HealthStatus;
  at: Scalars['DateTime']['output'];
  /** Why the status changed: one sentence with figures. */
  reason: Scalars['String']['output'];
};

/** A period that ends now. */
export type UptimeWindow =
  | 'HOUR'
  | 'DAY'
  /** 7 days. */
  | 'WEEK'
  /** 30 days. */
  | 'MONTH';

export type HealthStatus =
  /** Heartbeats arrive as expected. */
  | 'UP'
  /** No heartbeat for two intervals. */
  | 'LATE'
  /** The service works, but it or another service reports a problem, or one of its instances is late or down. */
  | 'DEGRADED'
  /** No heartbeat for five intervals, or the last process stopped normally. */
  | 'DOWN'
  /** The status of the service is not determined yet, or cannot be determined now. */
  | 'UNKNOWN'
  /** An operator has put the service into maintenance. */
  | 'MAINTENANCE';



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
  ServiceHealth: ServiceHealth;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  ServiceHealth:
    ( { __typename: 'ServiceHealth' }
    & GraphQLRecursivePick<FederationTypes['ServiceHealth'], {"name":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ServiceHealth: ResolverTypeWrapper<ServiceHealthParent>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ServiceInstance: ResolverTypeWrapper<ServiceInstanceParent>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  HealthTransition: ResolverTypeWrapper<HealthTransitionParent>;
  UptimeWindow: UptimeWindow;
  HealthStatus: HealthStatus;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  Query: Record<PropertyKey, never>;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  ServiceHealth: ServiceHealthParent;
  Float: Scalars['Float']['output'];
  Int: Scalars['Int']['output'];
  ServiceInstance: ServiceInstanceParent;
  ID: Scalars['ID']['output'];
  HealthTransition: HealthTransitionParent;
  Boolean: Scalars['Boolean']['output'];
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  services?: Resolver<Maybe<Array<ResolversTypes['ServiceHealth']>>, ParentType, ContextType>;
  service?: Resolver<Maybe<ResolversTypes['ServiceHealth']>, ParentType, ContextType, RequireFields<QueryServiceArgs, 'name'>>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  heartbeat?: SubscriptionResolver<ResolversTypes['ServiceHealth'], "heartbeat", ParentType, ContextType, Partial<SubscriptionHeartbeatArgs>>;
};

export type ServiceHealthResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ServiceHealth'] = ResolversParentTypes['ServiceHealth'], FederationReferenceType extends FederationReferenceTypes['ServiceHealth'] = FederationReferenceTypes['ServiceHealth']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['ServiceHealth']> | FederationReferenceType, FederationReferenceType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['HealthStatus'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  since?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lastBeatAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  instances?: Resolver<Array<ResolversTypes['ServiceInstance']>, ParentType, ContextType>;
  uptime?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType, RequireFields<ServiceHealthUptimeArgs, 'window'>>;
  transitions?: Resolver<Array<ResolversTypes['HealthTransition']>, ParentType, ContextType, RequireFields<ServiceHealthTransitionsArgs, 'first'>>;
};

export type ServiceInstanceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ServiceInstance'] = ResolversParentTypes['ServiceInstance']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['HealthStatus'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lastBeatAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type HealthTransitionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['HealthTransition'] = ResolversParentTypes['HealthTransition']> = {
  from?: Resolver<ResolversTypes['HealthStatus'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['HealthStatus'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  DateTime?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  ServiceHealth?: ServiceHealthResolvers<ContextType>;
  ServiceInstance?: ServiceInstanceResolvers<ContextType>;
  HealthTransition?: HealthTransitionResolvers<ContextType>;
};

