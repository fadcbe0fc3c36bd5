import { first } from './001-first.ts';
import { deliveries } from './002-deliveries.ts';
import { checkpoint } from './003-checkpoint.ts';
import { knownServer } from './004-known-server.ts';
import { silence } from './005-silence.ts';
import { session } from './006-session.ts';
import { audit } from './007-audit.ts';
import { sessionPerson } from './008-session-person.ts';
import { auditAction } from './009-audit-action.ts';
import { alertCount } from './010-alert-count.ts';
import { alertOrder } from './011-alert-order.ts';

/** In order, the first makes version 1. One that was released is never changed again: add another. */
export const migrations: readonly string[] = [
  first,
  deliveries,
  checkpoint,
  knownServer,
  silence,
  session,
  audit,
  sessionPerson,
  auditAction,
  alertCount,
  alertOrder,
];
