import type { ServerHandle } from '@lockstep/servers';

export const pairName = 'shop → replica';
/** Who is on call in the drill; signs in with the token. */
export const onCall = { name: 'anna', token: 'drill-token-of-anna-0123' };

export interface DrillServers {
  source: ServerHandle;
  replica: ServerHandle;
}

/** As a user would write it; the replica's upgrade is announced until `until`, and waits are short. */
export function drillConfig(
  { source, replica }: DrillServers,
  { port, mail, until, storage }: { port: number; mail: string; until: Date; storage: string },
): string {
  const server = ({ host, port, monitor: { user, password } }: ServerHandle) =>
    JSON.stringify({ host, port, user, password });
  return `servers:
  shop: ${server(source)}
  replica: ${server(replica)}
pairs:
  - name: ${pairName}
    source: shop
    target: replica
    tables: [ledger.*]
    labels: { env: prod }
    checks: { checksum: { cron: '0 0 1 1 *' }, consistency: false }
# Lockstep's clock alone is set; the servers' stay behind.
alerts: { for: 1s, keepFiringFor: 1s, severities: { clock-wrong: off } }
maintenance:
  - { name: upgrade of the replica, match: { pair: '${pairName}' }, until: '${until.toISOString()}' }
notifications:
  - name: dba
    type: email
    url: smtp://${mail}
    from: Lockstep <lockstep@example.com>
    to: [dba@example.com]
    routes: [{ rule: replication-* }]
    groupWait: 2s
    groupInterval: 2s
  - name: data
    type: email
    url: smtp://${mail}
    from: Lockstep <lockstep@example.com>
    to: [data@example.com]
    routes: [{ rule: table-* }]
    # A run over all tables takes less, so that what it finds is one message.
    groupWait: 45s
storage: { file: ${JSON.stringify(storage)} }
http:
  port: ${port}
  publicUrl: http://127.0.0.1:${port}
  auth: { tokens: [{ name: ${onCall.name}, role: operator, token: ${onCall.token} }] }
`;
}
