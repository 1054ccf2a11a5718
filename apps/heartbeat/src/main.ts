import { runProcess } from '@seguridad-abc/platform';
import { readHeartbeatConfig } from './config.js';
import { createHeartbeat } from './service.js';

await runProcess((env) => createHeartbeat(readHeartbeatConfig(env)));
