import { runService } from '@seguridad-abc/platform';
import { readReportsConfig } from './config.js';
import { createReportsService } from './service.js';

await runService((env) => createReportsService(readReportsConfig(env)));
