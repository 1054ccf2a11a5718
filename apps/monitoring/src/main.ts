import { runService } from '@seguridad-abc/platform';
import { readMonitoringConfig } from './config.js';
import { createMonitoringService } from './service.js';

await runService((env) => createMonitoringService(readMonitoringConfig(env)));
