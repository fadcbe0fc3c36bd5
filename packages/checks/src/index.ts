export * from './config.ts';
export * from './engine-api.ts';
export { verifyOnce, type VerifyOnceOptions } from './engine/verify-once.ts';
export { silent, type Logger } from './log.ts';
export type * from './model/index.ts';
export { openStorage, type OpenOptions } from './storage/open.ts';
export type * from './storage/storage.ts';
export { StorageError, type StorageErrorCode } from './storage/storage-error.ts';
export type { TableName } from './verify/sql.ts';
