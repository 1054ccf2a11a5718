export { getPercentile } from './command-line/latency.js';
