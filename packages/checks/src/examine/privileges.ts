import type { MissingPrivilege } from '../model/server.ts';
import { bad, doubt, type Finding, good } from './finding.ts';
import type { ServerSettings } from './server-settings.ts';

/** Whatever writes, or may do anything; privileges to see and to replicate are none of these. */
const writes =
  /\b(ALL PRIVILEGES|SUPER|INSERT|UPDATE|DELETE|DROP|ALTER|CREATE|INDEX|TRIGGER|EVENT|FILE|RELOAD|SHUTDOWN)\b/g;

export function privileges(missing: readonly MissingPrivilege[], { grants }: ServerSettings): Finding[] {
  const lacking = missing.map(({ feature, message, grant }) =>
    bad('privileges', `no ${feature}: ${message}`, grant),
  );
  const found = [...lacking, ...more(grants)];
  return found.length > 0 ? found : [good('privileges', 'what is asked for is granted, and no more')];
}

/** Only what stands before ON names privileges; a role's line has none. */
function more(grants: readonly string[]): Finding[] {
  const found = new Set(grants.flatMap((grant) => /^GRANT (.*?) ON /.exec(grant)?.[1]?.match(writes) ?? []));
  if (found.size === 0) return [];
  return [
    doubt(
      'privileges',
      `the account may do more than Lockstep ever does: ${[...found].join(', ')}`,
      'an account of its own, with what "lockstep grants" prints',
    ),
  ];
}
