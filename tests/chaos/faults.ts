import type { HealthStatus } from '@seguridad-abc/contracts';
import { SERVICES, type ServiceName } from '../harness/test-platform.js';

/** What health says of each service. A service that is not named stays UP. */
export type StatusesByService = Readonly<Partial<Record<ServiceName, readonly HealthStatus[]>>>;

export interface HealthExpectation {
  /** Each of these services must be reported with one of these statuses. */
  readonly required: StatusesByService;
  /** These may be reported too, until the installation has healed. */
  readonly allowed: StatusesByService;
}

/** A fault of the nemesis, without the code that causes it (`nemesis.ts`). */
export interface FaultDefinition {
  readonly description: string;
  /** The services of which one is hit. Empty: the fault hits the installation. */
  readonly targets: readonly ServiceName[];
  /** How long it lasts, in ms. 0: it lasts as long as the command that causes it, or happens at an instant. */
  readonly minMs: number;
  readonly maxMs: number;
  /** Requests of clients may fail meanwhile. */
  readonly failsRequests: boolean;
  /** Faults of one resource are not mixed; undefined: the fault always comes alone. */
  readonly resource: 'services' | 'redis' | 'disk' | 'reports-database' | 'clients' | 'clock' | undefined;
  readonly getExpectedHealth: (target: ServiceName | undefined) => HealthExpectation;
}

const mapServices = (statuses: readonly HealthStatus[]): StatusesByService =>
  Object.fromEntries(SERVICES.map((name) => [name, statuses]));

const NOTHING: HealthExpectation = { required: {}, allowed: {} };
/** A process that is away for a moment. A silent monitor makes everything UNKNOWN, which is correct. */
const INTERRUPTED: readonly HealthStatus[] = ['LATE', 'DEGRADED', 'DOWN', 'UNKNOWN'];

/** While a process is away, services that need it may report it, and the monitor may not know anything. */
const expectInterruption = (target: ServiceName | undefined): StatusesByService => ({
  ...mapServices(target === 'heartbeat' ? ['UNKNOWN', 'DEGRADED'] : ['DEGRADED']),
  ...(target && { [target]: INTERRUPTED }),
});

const expectHang = (target: ServiceName | undefined): HealthExpectation => ({
  required: target === undefined ? {} : { [target]: target === 'heartbeat' ? ['DOWN', 'UNKNOWN'] : ['DOWN'] },
  allowed: expectInterruption(target),
});

/** Without messages of Redis, nothing is known of any service. */
const WITHOUT_REDIS: HealthExpectation = {
  required: mapServices(['UNKNOWN']),
  allowed: mapServices(['UNKNOWN', 'DEGRADED']),
};

/** Longer than 5 heartbeat intervals of a run, after which a silent service is DOWN. */
const OUTAGE = { minMs: 9_000, maxMs: 11_000 };
const INSTANT = { minMs: 0, maxMs: 0 };
/** The service notices a change of its file within this time. */
const NOTICED = { minMs: 3_000, maxMs: 4_000 };

/** Every fault, by its name for `--faults`. */
export const FAULTS = {
  kill: {
    description: 'SIGKILL of a service, which its supervisor restarts',
    targets: SERVICES,
    ...INSTANT,
    failsRequests: true,
    resource: 'services',
    getExpectedHealth: (target) => ({ required: {}, allowed: expectInterruption(target) }),
  },
  hang: {
    description: 'SIGSTOP of a service, and SIGCONT after some seconds',
    targets: SERVICES,
    ...OUTAGE,
    failsRequests: true,
    resource: 'services',
    getExpectedHealth: expectHang,
  },
  stuck: {
    description: 'SIGSTOP of a service until the watchdog replaces it',
    targets: SERVICES,
    ...INSTANT,
    failsRequests: true,
    resource: 'services',
    getExpectedHealth: expectHang,
  },
  'redis-kill': {
    description: 'SIGKILL of Redis, which is restarted',
    targets: [],
    ...INSTANT,
    failsRequests: false,
    resource: 'redis',
    getExpectedHealth: () => ({ required: {}, allowed: WITHOUT_REDIS.allowed }),
  },
  'redis-freeze': {
    description: 'SIGSTOP of Redis, with its connections open',
    targets: [],
    ...OUTAGE,
    failsRequests: false,
    resource: 'redis',
    getExpectedHealth: () => WITHOUT_REDIS,
  },
  'redis-pause': {
    description: 'CLIENT PAUSE WRITE, as during a failover',
    targets: [],
    ...OUTAGE,
    failsRequests: false,
    resource: 'redis',
    getExpectedHealth: () => WITHOUT_REDIS,
  },
  'redis-memory': {
    description: 'Redis refuses to store anything (maxmemory, noeviction)',
    targets: [],
    minMs: 9_000,
    maxMs: 11_000,
    failsRequests: false,
    resource: 'redis',
    getExpectedHealth: () => ({
      required: { monitoring: ['DEGRADED'] },
      allowed: mapServices(['DEGRADED', 'UNKNOWN']),
    }),
  },
  'redis-flush': {
    description: 'FLUSHALL: the stream and all else in Redis is lost',
    targets: [],
    ...INSTANT,
    failsRequests: false,
    resource: 'redis',
    getExpectedHealth: () => ({ required: {}, allowed: mapServices(['DEGRADED']) }),
  },
  'stream-trim': {
    description: 'all entries of the stream are removed',
    targets: [],
    ...INSTANT,
    failsRequests: false,
    resource: 'redis',
    getExpectedHealth: () => NOTHING,
  },
  restart: {
    description: 'npm run restart: every service is replaced',
    targets: [],
    ...INSTANT,
    failsRequests: false,
    resource: undefined,
    // A monitor of heartbeats that has just started has not received any.
    getExpectedHealth: () => ({ required: {}, allowed: mapServices(['UNKNOWN']) }),
  },
  'supervisor-kill': {
    description: 'SIGKILL of npm start; another npm start takes over',
    targets: [],
    ...INSTANT,
    failsRequests: true,
    resource: undefined,
    getExpectedHealth: () => ({ required: {}, allowed: mapServices(INTERRUPTED) }),
  },
  'reports-delete': {
    description: 'the database file of reports is deleted',
    targets: [],
    ...NOTICED,
    failsRequests: true,
    resource: 'reports-database',
    getExpectedHealth: () => ({ required: {}, allowed: { reports: ['DEGRADED'] } }),
  },
  'reports-damage': {
    description: 'the database file of reports is cut',
    targets: [],
    ...NOTICED,
    failsRequests: true,
    resource: 'reports-database',
    getExpectedHealth: () => ({ required: {}, allowed: { reports: ['DEGRADED'] } }),
  },
  rebuild: {
    description: 'npm run rebuild while clients read',
    targets: [],
    ...INSTANT,
    failsRequests: false,
    resource: 'reports-database',
    getExpectedHealth: () => ({ required: {}, allowed: { reports: ['DEGRADED'] } }),
  },
  'disk-full': {
    description: 'the disk of the data folder is full',
    targets: [],
    ...OUTAGE,
    failsRequests: true,
    resource: 'disk',
    getExpectedHealth: () => ({
      required: { monitoring: ['DEGRADED'] },
      allowed: mapServices(['DEGRADED', 'UNKNOWN']),
    }),
  },
  'slow-subscriber': {
    description: 'a subscriber that stops reading its socket',
    targets: [],
    minMs: 3_000,
    maxMs: 6_000,
    failsRequests: false,
    resource: 'clients',
    getExpectedHealth: () => NOTHING,
  },
  'clock-skew': {
    description: 'the clock of one process is ten minutes ahead',
    targets: ['reports', 'gateway'],
    ...OUTAGE,
    failsRequests: false,
    resource: 'clock',
    getExpectedHealth: (target) => ({
      required: target ? { [target]: ['DEGRADED'] } : {},
      allowed: mapServices(['DEGRADED']),
    }),
  },
} as const satisfies Readonly<Record<string, FaultDefinition>>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

export const getFault = (name: FaultName): FaultDefinition => FAULTS[name];
