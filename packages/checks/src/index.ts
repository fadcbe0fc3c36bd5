export * from './config.ts';
export * from './engine-api.ts';
export { silent, type Logger } from './log.ts';
export type * from './model/index.ts';
export type * from './storage/storage.ts';
