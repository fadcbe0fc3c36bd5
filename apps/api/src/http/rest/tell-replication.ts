import type { ChannelStatus, PairState, ThreadState } from '@lockstep/checks';
import { type Exposition, type Sample, seconds } from './exposition.ts';

/** What the targets say of their replication. The pairs' own channels come first, lest others' take their place. */
export function tellReplication(text: Exposition, pairs: readonly PairState[]): void {
  const channels = pairs.flatMap(({ name, replication }) =>
    (replication?.channels ?? []).map((channel) => ({
      labels: { pair: name, channel: channel.name },
      own: channel.name === replication?.channel?.name,
      channel,
    })),
  );
  channels.sort((a, b) => Number(b.own) - Number(a.own));
  const perChannel = (name: string, help: string, value: (channel: ChannelStatus) => number | null) =>
    text.addBounded(
      name,
      'gauge',
      help,
      channels.map(({ labels, channel }): Sample => [labels, value(channel)]),
    );

  text.addBounded(
    'lockstep_replication_channel_info',
    'gauge',
    "The streams into a pair's target; own says which of them is the pair's.",
    channels.map(({ labels, own, channel: { sourceHost, sourcePort } }) => [
      { ...labels, source: `${sourceHost}:${sourcePort}`, own: String(own) },
      1,
    ]),
  );
  text.addBounded(
    'lockstep_replication_thread_running',
    'gauge',
    '1 while the thread runs, 0 while it is stopped or connects; absent while unknown.',
    channels.flatMap(({ labels, channel: { receiver, applier } }): Sample[] => [
      [{ ...labels, thread: 'receiver' }, running(receiver)],
      [{ ...labels, thread: 'applier' }, running(applier)],
    ]),
  );
  perChannel('lockstep_replication_delay_seconds', 'The delay that is intended.', ({ intendedDelayMs }) =>
    seconds(intendedDelayMs),
  );
  perChannel(
    'lockstep_replication_server_lag_seconds',
    'The lag as the server itself says it, for comparison; absent while it says none.',
    ({ serverLagMs }) => seconds(serverLagMs),
  );
  perChannel(
    'lockstep_replication_relay_log_bytes',
    'Size of the relay log; absent where the server does not tell.',
    ({ relayLogBytes }) => relayLogBytes,
  );
  text.add(
    'lockstep_replication_errant_transactions',
    'gauge',
    'Transactions that only the target has, those that are known of excepted; absent while unknown.',
    pairs.map(({ name, replication }) => [{ pair: name }, replication?.errantCount ?? null]),
  );
}

function running(thread: ThreadState): number | null {
  return thread === 'unknown' ? null : Number(thread === 'running');
}
