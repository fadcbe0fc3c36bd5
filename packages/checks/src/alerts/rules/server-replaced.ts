import type { ServerState } from '../../model/server.ts';
import { checkKinds } from '../../model/verdict.ts';
import { formatInstant } from '../../time/instant.ts';
import { type Condition, condition } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';
import { lostConnections } from './connections.ts';

/** Where nothing will be verified again, this long is enough to be told. */
const toldMs = 600_000;

/** Another server answers in the place of one of the pair: what was verified before says nothing of it. */
export function serverReplaced(pair: PairSnapshot, servers: ServerState[], at: Date): Condition {
  const { config, lastRuns } = pair;
  const enabled = checkKinds.filter((check) => config.checks[check].enabled);
  const verifiedSince = (when: Date): boolean =>
    enabled.length === 0
      ? at.getTime() - when.getTime() >= toldMs
      : enabled.every((check) => {
          const run = lastRuns[check];
          return run !== undefined && run.progress.tablesTotal > 0 && run.startedAt > when;
        });
  const replaced = servers
    .filter(({ name }) => name === config.source || name === config.target)
    .filter((server) => server.replaced && !verifiedSince(server.replaced.at));
  return condition(
    'server-replaced',
    { pair: config.name },
    {
      status: replaced.length > 0 ? 'true' : 'false',
      severity: 'WARNING',
      summary: 'Another server answers',
      evidence:
        replaced.length > 0
          ? `${replaced.map(describe).join('; ')}; what was verified before is to be verified again`
          : 'all checks have run since servers were last replaced',
      forMs: 0,
      follows: lostConnections(pair),
    },
  );
}

function describe({ name, host, port, flavour, identity, replaced }: ServerState): string {
  const id = flavour === 'mariadb' ? 'server_id' : 'server_uuid';
  const when = replaced ? ` since ${formatInstant(replaced.at)}, it was ${replaced.before} before` : '';
  return `the ${id} of ${name} (${host}:${port}) is ${identity}${when}`;
}
