import type { ChannelStatus } from '../model/replication.ts';
import { highestOf, parseMariadbGtidList } from '../position/mariadb-gtid-list.ts';
import type { Position } from '../position/position.ts';
import { takesDomain } from '../position/replicated-part.ts';
import type { Clock } from '../time/clock.ts';

/** What goes round a ring comes later: for so many readings a channel must be seen not to get what the pair's got. */
const quietReadings = 3;
/** … and for so long, for on busy servers a ring is late by more than some readings take. */
const longMs = 10_000;

interface Seen {
  /** What it had received of the source's transactions, and what the pair's own had then. */
  received: string;
  own: string;
  /** For how many readings the own has had more since, and it had not. */
  quiet: number;
  /** Since when it was seen so. */
  since: number;
}

/**
 * Which other channels of a MariaDB target may bring what its pair's source writes as well: all, until they are seen
 * not to. A receiver tells what it has received since, and what the target had applied when it was started.
 */
export class Overlaps {
  #seen = new Map<string, Seen>();
  readonly #clock: Pick<Clock, 'now'> | null;

  /** Without a clock readings alone count. */
  constructor(clock: Pick<Clock, 'now'> | null = null) {
    this.#clock = clock;
  }

  reset(): void {
    this.#seen.clear();
  }

  /** The status was read. */
  read(own: ChannelStatus | null, channels: readonly ChannelStatus[], source: Position | null): void {
    const seen = new Map<string, Seen>();
    const others = own && source?.kind === 'mariadb-gtid' ? channels : [];
    for (const channel of others) {
      if (channel.name === own?.name) continue;
      const [received, ofOwn] = [channel, own!].map((of) => ofSource(of, own!, source!)) as [string, string];
      const before = this.#seen.get(channel.name);
      if (before?.received !== received) seen.set(channel.name, { received, own: ofOwn, quiet: 0, since: 0 });
      else {
        // By file and offset a receiver does not tell which GTIDs it gets.
        const tells = channel.usesGtid && channel.receiver === 'running';
        const isQuiet = tells && before.own !== ofOwn;
        seen.set(channel.name, isQuiet ? quieter(before, this.#clock?.now() ?? 0) : before);
      }
    }
    this.#seen = seen;
  }

  may(channel: string): boolean {
    const seen = this.#seen.get(channel);
    if (!seen || seen.quiet < quietReadings) return true;
    return this.#clock !== null && this.#clock.now() - seen.since < longMs;
  }

  /**
   * The same of a channel that had received this, by the answer that tells what the target has applied; undefined: that
   * did not tell. A link that stood still may go on at any moment, and the status is read seldom.
   */
  mayWith(
    channel: string,
    receivedGtid: string | undefined,
    own: ChannelStatus,
    source: Position | null,
  ): boolean {
    if (this.may(channel) || receivedGtid === undefined || !source) return true;
    return ofSource({ receivedGtid }, own, source) !== this.#seen.get(channel)?.received;
  }
}

function quieter(seen: Seen, now: number): Seen {
  return { ...seen, quiet: seen.quiet + 1, since: seen.quiet === 0 ? now : seen.since };
}

function ofSource(
  { receivedGtid }: Pick<ChannelStatus, 'receivedGtid'>,
  own: ChannelStatus,
  source: Position,
): string {
  const known = source.kind === 'mariadb-gtid' ? (source.state ?? '') : '';
  return [...parseMariadbGtidList(receivedGtid ?? '')]
    .filter(([domain, { server }]) => takesDomain(own, domain) && highestOf(known, domain, server) !== null)
    .map(([domain, { server, sequence }]) => `${domain}-${server}-${sequence}`)
    .join(',');
}
