import type { EngineEvent, Severity } from '@lockstep/checks';
import type { Logger } from './log.ts';

const LEVELS: Record<Severity, 'error' | 'warn' | 'info'> = {
  CRITICAL: 'error',
  WARNING: 'warn',
  INFO: 'info',
};

/** Logs what happens, each change once: events tell the whole state again and again. */
export function eventLogger(log: Logger): (event: EngineEvent) => void {
  const last = new Map<string, string>();
  const changed = (key: string, state: string): boolean => {
    if (last.get(key) === state) return false;
    last.set(key, state);
    return true;
  };

  return (event) => {
    switch (event.type) {
      case 'server': {
        const { name, connection, evidence, attempts } = event.data;
        if (!changed(`server ${name}`, connection)) return;
        const level = connection === 'disconnected' ? 'warn' : 'info';
        log[level]({ server: name, connection, attempts }, `${name}: ${evidence}`);
        return;
      }
      case 'pair': {
        const { name, state, evidence } = event.data;
        if (!changed(`pair ${name}`, state)) return;
        log[state === 'broken' || state === 'stopped' ? 'warn' : 'info'](
          { pair: name, state },
          `${name}: ${state}: ${evidence}`,
        );
        return;
      }
      case 'run': {
        const { id, pair, check, state, evidence, trigger } = event.data;
        if (!changed(`run ${id}`, state)) return;
        log[state === 'failed' ? 'error' : 'info'](
          { pair, check, run: id, state, trigger },
          `${pair}: ${check} ${state}: ${evidence}`,
        );
        if (state === 'finished' || state === 'cancelled' || state === 'failed') last.delete(`run ${id}`);
        return;
      }
      case 'table': {
        const { pair, check, schema, table, verdict, reason, runId, differences } = event.data;
        log[verdict === 'MATCH' ? 'debug' : 'warn'](
          { pair, check, table: `${schema}.${table}`, verdict, differences, run: runId },
          `${pair}: ${schema}.${table}: ${verdict}: ${reason}`,
        );
        return;
      }
      case 'alert': {
        const { id, rule, severity, state, pair, server, table, evidence, summary } = event.data;
        if (!changed(`alert ${id}`, `${state} ${severity}`)) return;
        const level = state === 'firing' ? LEVELS[severity] : 'info';
        log[level](
          { alert: id, rule, severity, state, pair, server, table },
          `alert ${state}: ${summary}: ${evidence}`,
        );
        if (state === 'resolved') last.delete(`alert ${id}`);
        return;
      }
      case 'pairEvent':
        if (event.data.kind === 'operator')
          log.info({ pair: event.pair }, `${event.data.pair}: ${event.data.message}`);
        return;
      case 'lag':
      case 'replication':
        return;
    }
  };
}
