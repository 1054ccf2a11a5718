import { runService } from '@seguridad-abc/platform';
import { readReportsConfig } from './config.js';
import { createReports } from './service.js';

await runService((env) => createReports(readReportsConfig(env)));
