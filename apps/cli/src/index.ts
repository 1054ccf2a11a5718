export { getPercentile } from './command-line/latency.js';
export { runCli } from './main.js';
export type { ProjectScripts } from './shared/project-scripts.js';
