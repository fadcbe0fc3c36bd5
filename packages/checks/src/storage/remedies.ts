const full = 'the disk is full: make room';

/** By SQLite's own codes. */
const bySqlite = new Map([
  [5, 'another program holds it: let it go'],
  [8, 'storage.file must be in a folder that Lockstep may write'],
  [10, 'the disk or its file system fails'],
  [11, 'the file is damaged: move it away'],
  [13, full],
  [26, 'the file is damaged, or no database: move it away'],
]);

/** By the system's. */
const bySystem: Partial<Record<string, string>> = {
  ENOSPC: full,
  EDQUOT: full,
  EMFILE: 'this process may open no more files: raise its limit (ulimit -n, LimitNOFILE)',
  ENFILE: 'this machine may open no more files: raise fs.file-max',
};

/** Null where it is none of these. */
export function remedyOf(error: unknown): string | null {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  const known = typeof code === 'string' ? bySystem[code] : undefined;
  return known ?? (typeof errcode === 'number' ? bySqlite.get(errcode & 0xff) : undefined) ?? null;
}

/** Whatever more SQLite tells of it. */
export function isOfCode(error: unknown, code: number): boolean {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' && (errcode & 0xff) === code;
}
