import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerHandle } from '@lockstep/servers';

export interface ConfigContent {
  servers: Record<string, { handle: ServerHandle; port?: number }>;
  pairs: { name: string; source: string; target: string }[];
  tables: string[];
  /** Sections that differ from the defaults. */
  but?: Record<string, unknown>;
  /** Settings of all pairs that differ from the defaults. */
  defaults?: Record<string, unknown>;
}

/** Writes a configuration as a user would, with Lockstep's defaults for all that is not said; returns its path. */
export async function writeConfig(folder: string, content: ConfigContent): Promise<string> {
  const { servers, pairs, tables, but = {}, defaults = {} } = content;
  const file = join(folder, 'lockstep.json');
  const text = JSON.stringify(
    {
      servers: Object.fromEntries(
        Object.entries(servers).map(([name, { handle, port = handle.port }]) => [
          name,
          { host: handle.host, port, ...handle.monitor },
        ]),
      ),
      pairs,
      defaults: { tables, ...defaults },
      storage: { file: join(folder, 'lockstep.db') },
      ...but,
    },
    null,
    2,
  );
  await writeFile(file, text, { mode: 0o600 });
  return file;
}
