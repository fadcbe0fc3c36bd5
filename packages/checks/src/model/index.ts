export type * from './alert.ts';
export type * from './event.ts';
export type * from './lag.ts';
export type * from './pair.ts';
export type * from './replication.ts';
export type * from './run.ts';
export type * from './server.ts';
export type * from './verdict.ts';
