/** Text in the charset of Lockstep's connections, or in a part of it, is printed as it is. */
const asItIs = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'ascii']);

export function printsAsItIs(charset: string | null): boolean {
  return charset !== null && asItIs.has(charset);
}

/** `sql` in the charset of Lockstep's connections. What Unicode does not have becomes `?`. */
export function printed(sql: string): string {
  return `CONVERT(${sql} USING utf8mb4)`;
}

/**
 * Whether printing text loses none of it. Asked of the server, value by value: which charsets have characters that
 * Unicode does not, and which of them a release knows, no list here can know.
 */
export function comesBack(sql: string, charset: string): string {
  const back = `CONVERT(${printed(sql)} USING ${charset})`;
  return `CAST(${back} AS BINARY) = CAST(${sql} AS BINARY)`;
}
