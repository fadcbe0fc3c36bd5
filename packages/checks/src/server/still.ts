import { areTwo } from './instance.ts';
import { type ServerFacts, ServerFault, type SqlServer } from './sql-server.ts';

type Named = Pick<SqlServer, 'name' | 'facts'>;

/** Whether the name leads to the server that it led to when these were its facts. */
export function isStill({ facts: now }: Pick<Named, 'facts'>, then: ServerFacts): boolean {
  // Each connection brings them anew.
  if (now === then) return true;
  return now !== null && now.identity === then.identity && !areTwo(now.instance, then.instance);
}

/** Throws a ServerFault where what was asked one thing after another was not asked of one server. */
export function mustBeStill(server: Named, then: ServerFacts): void {
  if (isStill(server, then)) return;
  const reason = 'another server answered at this address meanwhile';
  throw new ServerFault('connection', server.name, `${server.name}: ${reason}`, 0, { reason });
}
