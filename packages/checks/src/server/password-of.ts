import type { ServerConfig } from '../config.ts';

/** How many logins wait for the password of a server. */
const awaited = new WeakMap<ServerConfig, number>();

/** The password, from wherever it comes: a program that prints it, or a file, may take long. */
export async function passwordOf(config: ServerConfig): Promise<string> {
  awaited.set(config, (awaited.get(config) ?? 0) + 1);
  try {
    return await config.password();
  } finally {
    awaited.set(config, (awaited.get(config) ?? 1) - 1);
  }
}

/** Whoever is late is not the server: it was not even asked. */
export function awaitsPassword(config: ServerConfig): boolean {
  return (awaited.get(config) ?? 0) > 0;
}
