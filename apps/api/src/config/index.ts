export { loadConfig, loadConfigMeanwhile, loadWithoutFile, type LoadResult } from './load.ts';
export type * from './loaded.ts';
export { isLoopback } from './loopback.ts';
export { formatProblem, type Problem } from './problem.ts';
export type { ConfigValue, ValueOrigin } from './values.ts';
