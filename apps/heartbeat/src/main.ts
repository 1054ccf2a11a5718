import { runService } from '@seguridad-abc/platform';
import { readHeartbeatConfig } from './config.js';
import { createHeartbeatService } from './service.js';

await runService((env) => createHeartbeatService(readHeartbeatConfig(env)));
