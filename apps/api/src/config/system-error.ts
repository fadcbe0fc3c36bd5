const REASONS: Partial<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of its path is not a folder',
};

/** What went wrong with a file, in words. */
export function sentence(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // What the system says names the path, which may be a secret that was written into the wrong setting.
  const other =
    code === '' ? String(error instanceof Error ? error.message : error) : `it cannot be used (${code})`;
  return REASONS[code] ?? other;
}
