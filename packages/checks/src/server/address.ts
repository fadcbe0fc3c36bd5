export interface Address {
  host: string;
  port: number;
  /** The path of a unix socket, which is then the way to it. */
  socket?: string | null;
}

/** Where a server is reached, for a person: `db1:3306`, or the path of its socket. */
export function addressOf({ host, port, socket }: Address): string {
  return socket ?? (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
}

/** What Node's `connect` takes. */
export function endpointOf({
  host,
  port,
  socket,
}: Address): { path: string } | { host: string; port: number } {
  return socket == null ? { host, port } : { path: socket };
}
