/**
 * What a running server calls itself, by the names of its variables. What it does not tell is not in it, for a part
 * that is missing, empty or 0 is the same on servers that have nothing in common.
 */
export type Instance = Readonly<Record<string, string>>;

/** Each of them alone is given to one server only, unless somebody copied it. */
const ownNames = ['server_uuid', 'server_uid', 'aurora_server_id'];
/** Where there is none of those, all of these together. */
const address = ['server_id', 'hostname', 'port'];
/** What a server that is made anew over the same data keeps; its host's name is not one of them. */
const lasting = ['aurora_server_id', 'wsrep_node_name', 'port'];

export const instanceNames = [
  ...ownNames,
  ...address,
  'wsrep_node_name',
  'datadir',
  'socket',
  'pid_file',
] as const;

export function instanceFrom(variables: ReadonlyMap<string, string>): Instance {
  const parts: Record<string, string> = {};
  for (const name of instanceNames) {
    const value = variables.get(name) ?? '';
    if (value !== '' && value !== '0') parts[name] = value;
  }
  return parts;
}

/** They are two: something that both tell differs. */
export function areTwo(one: Instance, other: Instance): boolean {
  if (one === other) return false;
  for (const name in one) if (other[name] !== undefined && other[name] !== one[name]) return true;
  return false;
}

/** They are one: nothing differs, and what both tell is enough. Neither this nor `areTwo`: nobody knows. */
export function areOne(one: Instance, other: Instance): boolean {
  const equal = (name: string) => one[name] !== undefined && one[name] === other[name];
  return !areTwo(one, other) && (ownNames.some(equal) || address.every(equal));
}

/** Two over one history, such as nodes of a cluster; not a server that was made anew over its data. */
export function movedOn(before: Instance, now: Instance): boolean {
  return lasting.some(
    (name) => before[name] !== undefined && now[name] !== undefined && before[name] !== now[name],
  );
}

/** For a sentence. */
export function instanceText(instance: Instance): string {
  const { hostname, port, aurora_server_id: aurora, server_uuid, server_uid, server_id } = instance;
  const place = [hostname, port].filter((part) => part !== undefined).join(':');
  return aurora ?? (place || (server_uuid ?? server_uid ?? server_id ?? 'one that does not say which it is'));
}
