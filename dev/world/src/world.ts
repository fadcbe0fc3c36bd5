import type { ServerFacts, SqlRow } from './engine.ts';
import { Divergence } from './oracle/divergence.ts';
import { LagTruth } from './oracle/lag-truth.ts';
import type { Plan } from './plan.ts';
import { answerCatalog } from './servers/answer-catalog.ts';
import { answerSource, answerTarget } from './servers/answer-replication.ts';
import { answerTable } from './servers/answer-table.ts';
import { Link } from './servers/link.ts';
import { Monitored } from './servers/monitored.ts';
import { Source } from './servers/source.ts';
import type { Table } from './servers/table.ts';
import { Target } from './servers/target.ts';
import type { Random } from './time/random.ts';
import type { VirtualTime } from './time/virtual-time.ts';

const uuids = {
  source: '00000000-0000-0000-0000-00000000000a',
  target: '00000000-0000-0000-0000-00000000000b',
};

/** Keys from here on come and go. */
export const fleetingFrom = 1000;
/** Keys from here on are nobody's but the target's. */
export const foreignFrom = 2000;

/** A source, a replica, the ways between them and the monitor, and what is true of them. */
export class World {
  readonly plan: Plan;
  readonly time: VirtualTime;
  readonly source: Source;
  readonly target: Target;
  readonly divergence = new Divergence();
  readonly lag: LagTruth;
  readonly links: { monitor: { source: Link; target: Link }; replica: Link };
  readonly monitored: { source: Monitored; target: Monitored };

  constructor(plan: Plan, time: VirtualTime, random: Random) {
    this.plan = plan;
    this.time = time;
    const { flavour, workers, keepsOrder, delayMs, applyMs } = plan;
    const leavesOut = plan.leavesOutDomain ? 1 : null;
    const link = (options: Plan['monitorLink']) => new Link(time, random.fork(), options);
    this.links = {
      monitor: { source: link(plan.monitorLink), target: link(plan.monitorLink) },
      replica: link(plan.replicaLink),
    };
    this.source = new Source(time, random.fork(), { flavour, uuid: uuids.source, serverId: 1 });
    this.target = new Target(time, random.fork(), this.links.replica, this.divergence, {
      flavour,
      uuid: uuids.target,
      serverId: 2,
      workers,
      keepsOrder,
      delayMs,
      leavesOut,
      applyMs,
    });
    this.source.onBinlog = (transaction) => this.target.send(transaction);
    this.lag = new LagTruth(time, this.source, this.target, leavesOut);
    const channel = {
      flavour,
      workers,
      delayMs,
      usesGtid: plan.kind !== 'file',
      sourceUuid: uuids.source,
      leavesOut,
      other: plan.otherSource !== null,
    };
    const { source, target } = this;
    this.monitored = {
      source: new Monitored({
        name: 'source',
        facts: factsOf(flavour, 1, uuids.source),
        time,
        link: this.links.monitor.source,
        answer: (sql, pending) =>
          answerSource(sql, source) ?? answerAny(sql, pending ? source.withPending() : source.table),
      }),
      target: new Monitored({
        name: 'target',
        facts: factsOf(flavour, 2, uuids.target),
        time,
        link: this.links.monitor.target,
        answer: (sql) => answerTarget(sql, target, channel) ?? answerAny(sql, target.table),
      }),
    };
  }
}

function answerAny(sql: string, table: Table): SqlRow[] | null {
  if (sql === 'SELECT 1') return [{ 1: 1 }];
  return answerTable(sql, table) ?? answerCatalog(sql, table);
}

function factsOf(flavour: Plan['flavour'], serverId: number, uuid: string): ServerFacts {
  const mysql = flavour === 'mysql';
  return {
    flavour,
    versionText: mysql ? '8.4.6' : '10.11.14-MariaDB',
    version: mysql ? [8, 4, 6] : [10, 11, 14],
    identity: mysql ? uuid : `${serverId} on world`,
    instance: mysql ? { server_uuid: uuid } : { server_id: String(serverId) },
    uuid: mysql ? uuid : '',
    serverId: String(serverId),
    gtidMode: true,
    binlog: true,
    foldsNames: false,
  };
}
