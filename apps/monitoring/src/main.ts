import { runProcess } from '@seguridad-abc/platform';
import { readMonitoringConfig } from './config.js';
import { createMonitoring } from './service.js';

await runProcess((env) => createMonitoring(readMonitoringConfig(env)));
