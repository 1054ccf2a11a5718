// npm run token: a token for a user.
import { enter } from './lib/tools/cli/enter.mjs';

void enter(() => import('./lib/tools/token/main.mjs'));
