import { runService } from '@seguridad-abc/platform';
import { readHeartbeatConfig } from './config.js';
import { createHeartbeat } from './service.js';

await runService((env) => createHeartbeat(readHeartbeatConfig(env)));
