import { runProcess } from '@seguridad-abc/platform';
import { readGatewayConfig } from './config.js';
import { createGateway } from './service.js';

await runProcess((env) => createGateway(readGatewayConfig(env)));
