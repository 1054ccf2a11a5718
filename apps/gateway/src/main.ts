import { runService } from '@seguridad-abc/platform';
import { readGatewayConfig } from './config.js';
import { createGatewayService } from './service.js';

await runService((env) => createGatewayService(readGatewayConfig(env)));
