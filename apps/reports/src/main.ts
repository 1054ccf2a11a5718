import { runProcess } from '@seguridad-abc/platform';
import { readReportsConfig } from './config.js';
import { createReports } from './service.js';

await runProcess((env) => createReports(readReportsConfig(env)));
