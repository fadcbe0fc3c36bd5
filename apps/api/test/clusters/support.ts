import { join } from 'node:path';
import type { TestServer } from '@lockstep/servers';
import { writeFiles } from '../config/write.ts';

interface Server {
  handle: TestServer;
  /** Absent: the monitor's own. */
  account?: { user: string; password: string };
}

/** A configuration of one pair over the schema `shop`, by what its servers are called: source, then target. */
export function configured(pair: string, servers: Record<string, Server>): string {
  const [source, target] = Object.keys(servers);
  const lines = Object.entries(servers).map(([name, { handle, account = handle.monitor }]) => {
    const { host, port } = handle;
    const { user, password } = account;
    return `  ${name}: ${JSON.stringify({ host, port, user, password })}`;
  });
  const text = `servers:
${lines.join('\n')}
pairs:
  - name: ${pair}
    source: ${source}
    target: ${target}
    tables: {include: ['shop.*']}
`;
  return join(writeFiles({ 'lockstep.yaml': text }), 'lockstep.yaml');
}

/** As the clients do that end at the first error. Rejects with it. */
export async function run(server: TestServer, script: string): Promise<void> {
  const connection = await server.connect();
  try {
    await connection.query(script);
  } finally {
    await connection.end();
  }
}
