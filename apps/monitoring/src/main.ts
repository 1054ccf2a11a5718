import { runService } from '@seguridad-abc/platform';
import { readMonitoringConfig } from './config.js';
import { createMonitoring } from './service.js';

await runService((env) => createMonitoring(readMonitoringConfig(env)));
