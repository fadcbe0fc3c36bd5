/**
 * The floors of the engine, lowest first. A room, which is a folder without its inner rooms or a file of the trunk, may
 * import from the floors below its own and from nothing beside or above it.
 */
export const engineFloors: string[][] = [
  ['begin-of.ts', 'model', 'time', 'log.ts', 'request-error.ts', 'unprintable.ts', 'wildcards.ts'],
  ['config.ts', 'table-name.ts', 'mishaps.ts'],
  ['server', 'storage/migrations', 'table-pattern.ts'],
  ['position', 'storage'],
  ['group', 'storage/thread'],
  ['lag', 'heartbeat', 'verify/undecidable.ts', 'alerts/condition'],
  ['verify/table', 'alerts/rules', 'alerts/silences'],
  ['verify/row', 'alerts'],
  ['verify/key'],
  ['verify/chunk'],
  ['verify/settle'],
  ['verify/run', 'verify/repair'],
  ['engine-api.ts', 'examine'],
  ['engine'],
  ['index.ts'],
];

export interface Import {
  from: string;
  to: string;
}

/** The room that a file of the engine lies in; null for one that lies in none. */
export function roomOf(file: string): string | null {
  const rooms = engineFloors.flat();
  const folder = file.slice(0, Math.max(0, file.lastIndexOf('/')));
  return rooms.find((room) => room === file || room === folder) ?? null;
}

/** Why a file of the engine may not import another; null where it may. */
export function climb({ from, to }: Import): string | null {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === null || other === null) return `${room === null ? from : to} lies on no floor`;
  const floor = (name: string) => engineFloors.findIndex((rooms) => rooms.includes(name));
  if (room === other || floor(other) < floor(room)) return null;
  return `${from} (floor ${floor(room)}) imports ${to} (floor ${floor(other)})`;
}
