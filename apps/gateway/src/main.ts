import { runService } from '@seguridad-abc/platform';
import { readGatewayConfig } from './config.js';
import { createGateway } from './service.js';

await runService((env) => createGateway(readGatewayConfig(env)));
