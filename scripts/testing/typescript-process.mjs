// Lets a process that a test starts run TypeScript sources: node --import ./scripts/testing/typescript-process.mjs file.ts
import { register } from 'node:module';

register('./typescript-workers.mjs', import.meta.url);
