/**
 * Orders two places in one server's binlog: negative, 0 or positive; null when the files belong to different logs.
 * Numbers, not text: `binlog.999999` is followed by `binlog.1000000`.
 */
export function compareBinlogPlaces(
  a: { file: string; offset: number },
  b: { file: string; offset: number },
): number | null {
  if (a.file === b.file) return a.offset - b.offset;
  const [aBase, aNumber] = split(a.file);
  const [bBase, bNumber] = split(b.file);
  if (aBase !== bBase || Number.isNaN(aNumber) || Number.isNaN(bNumber)) return null;
  return aNumber - bNumber || a.offset - b.offset;
}

function split(file: string): [base: string, number: number] {
  const dot = file.lastIndexOf('.');
  return [file.slice(0, dot), Number.parseInt(file.slice(dot + 1), 10)];
}
