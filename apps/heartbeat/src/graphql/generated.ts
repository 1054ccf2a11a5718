import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ServiceHealthSnapshot, ServiceInstanceSnapshot } from '@seguridad-abc/contracts';
import type { Transition } from '../domain/transition.js';
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
  /** RFC 3339 with an offset on input; UTC with milliseconds on output. */
  DateTime: { input: string; output: string; }
  _FieldSet: { input: string; output: string; }
};

export type Query = {
  __typename?: 'Query';
  /** Every service that is expected or has been heard, by name. */
  services?: Maybe<Array<ServiceHealth>>;
  /** Null for a name that is neither expected nor heard. */
  service?: Maybe<ServiceHealth>;
};


export type QueryServiceArgs = {
  name: Scalars['String']['input'];
};

export type Subscription = {
  __typename?: 'Subscription';
  /**
   * First the present state of each service (null: all; an empty list: none), then each change of a status, in order. With
   * `after`, the cursor of a payload (`extensions.cursor`), first only what is another since.
   */
  heartbeat: ServiceHealth;
};


export type SubscriptionHeartbeatArgs = {
  services?: InputMaybe<Array<Scalars['String']['input']>>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** How one service does, by what its processes say and when they last said it. */
export type ServiceHealth = {
  __typename?: 'ServiceHealth';
  name: Scalars['String']['output'];
  status: HealthStatus;
  /** One sentence with figures. */
  reason: Scalars['String']['output'];
  /** When this status began. */
  since: Scalars['DateTime']['output'];
  lastBeatAt?: Maybe<Scalars['DateTime']['output']>;
  instances: Array<ServiceInstance>;
  /**
   * The share of the observed time in the window that ends now: 0..1, or null if none was observed. UP, LATE and DEGRADED
   * count as up; UNKNOWN and MAINTENANCE are not observed time, nor is that while nobody watched.
   */
  uptime?: Maybe<Scalars['Float']['output']>;
  /** What the status was and became, newest first; 1 to 200 of them. */
  transitions: Array<HealthTransition>;
};


/** How one service does, by what its processes say and when they last said it. */
export type ServiceHealthUptimeArgs = {
  window: UptimeWindow;
};


/** How one service does, by what its processes say and when they last said it. */
export type ServiceHealthTransitionsArgs = {
  first: Scalars['Int']['input'];
};

/** One process of a service. */
export type ServiceInstance = {
  __typename?: 'ServiceInstance';
  id: Scalars['ID']['output'];
  status: HealthStatus;
  /** Of the software. */
  version: Scalars['String']['output'];
  startedAt: Scalars['DateTime']['output'];
  lastBeatAt: Scalars['DateTime']['output'];
};

/** A service's status became another one. */
export type HealthTransition = {
  __typename?: 'HealthTransition';
  from: HealthStatus;
  to: HealthStatus;
  at: Scalars['DateTime']['output'];
  /** One sentence with figures. */
  reason: Scalars['String']['output'];
};

export type UptimeWindow =
  | 'HOUR'
  | 'DAY'
  /** 7 days. */
  | 'WEEK'
  /** 30 days. */
  | 'MONTH';

export type HealthStatus =
  /** It beats as promised. */
  | 'UP'
  /** Two intervals have passed without a beat. */
  | 'LATE'
  /** It works and says itself that something is wrong, or one of its instances is down. */
  | 'DEGRADED'
  /** Five intervals have passed without a beat, or it said goodbye. */
  | 'DOWN'
  /** Not judged yet, or it cannot be judged now. */
  | 'UNKNOWN'
  /** Taken out of service by an operator. */
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
  ServiceHealth: ResolverTypeWrapper<ServiceHealthSnapshot>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ServiceInstance: ResolverTypeWrapper<ServiceInstanceSnapshot>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  HealthTransition: ResolverTypeWrapper<Transition>;
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
  ServiceHealth: ServiceHealthSnapshot;
  Float: Scalars['Float']['output'];
  Int: Scalars['Int']['output'];
  ServiceInstance: ServiceInstanceSnapshot;
  ID: Scalars['ID']['output'];
  HealthTransition: Transition;
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

