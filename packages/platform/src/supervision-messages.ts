import { z } from 'zod';

/*
 * Messages between the supervisor (`npm start`) and a service, over the IPC channel of the child process. A service that has no
 * supervisor sends and receives none.
 */

/** Environment variable with which the supervisor announces that it keeps the listening socket of the service. */
export const SOCKET_VARIABLE = 'SUPERVISED_SOCKET';

/** Environment variable: how long a service goes on without its supervisor, in milliseconds. @default 0 */
export const UNSUPERVISED_LIFETIME_VARIABLE = 'UNSUPERVISED_LIFETIME_MS';

/** Interval at which a service tells its supervisor that its event loop runs, once it is ready. */
export const ALIVE_INTERVAL_MS = 1_000;

/** A message of a service to its supervisor. */
export const serviceMessageSchema = z.discriminatedUnion('type', [
  /** The service accepts requests. */
  z.object({ type: z.literal('ready') }),
  /** The event loop of the service runs. */
  z.object({ type: z.literal('alive') }),
  /** The service is about to listen, and waits for its socket. */
  z.object({ type: z.literal('socket-wanted') }),
  /** The gateway has no request in flight to a subgraph that is held, and sends none. */
  z.object({ type: z.literal('subgraph-held'), subgraph: z.string() }),
]);
export type ServiceMessage = z.infer<typeof serviceMessageSchema>;

/** A message of the supervisor to a service. */
export const supervisorMessageSchema = z.discriminatedUnion('type', [
  /** Comes with the handle of the listening socket; without a handle the service listens by itself. */
  z.object({ type: z.literal('socket') }),
  /**
   * Another process takes over: finish the requests in flight, and exit. With `isHeld`, no client sends requests meanwhile, so that
   * connections may be closed at once.
   */
  z.object({ type: z.literal('drain'), isHeld: z.boolean().optional() }),
  /** The subgraph will be replaced: let requests wait that are not sent yet. */
  z.object({ type: z.literal('hold-subgraph'), subgraph: z.string() }),
  /** The subgraph is ready again. */
  z.object({ type: z.literal('release-subgraph'), subgraph: z.string() }),
]);
export type SupervisorMessage = z.infer<typeof supervisorMessageSchema>;

/** The answer of a service to `POST /supervision/claim`. */
export const claimedProcessSchema = z.object({
  service: z.string(),
  version: z.string(),
  pid: z.int().positive(),
  /** Absolute path of the data folder. */
  dataFolder: z.string(),
});
export type ClaimedProcess = z.infer<typeof claimedProcessSchema>;

/**
 * With it a new supervisor asks the services of an earlier one to go on until it replaces them. A service that has a supervisor
 * answers with status 409.
 */
export const CLAIM_PATH = '/supervision/claim';
