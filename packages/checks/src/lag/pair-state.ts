import type { MemberStateName } from '../model/group.ts';
import type { LagSample } from '../model/lag.ts';
import type { PairStateName } from '../model/pair.ts';
import type { Attribution, ChannelStatus, ReplicationError } from '../model/replication.ts';
import { lagBounds, reaches, resolutionMs } from '../position/lag-bounds.ts';
import { formatDuration } from '../time/duration.ts';
import { formatInstant } from '../time/instant.ts';
import type { BehindGroup } from './group-lag.ts';

export interface PairStateInput {
  source: { name: string; connected: boolean; evidence: string };
  target: { name: string; connected: boolean; evidence: string };
  /** Why the two are no pair; null when they are. */
  oneServer: string | null;
  /** The pair's channel; null when there is none, or when it is not known. */
  channel: ChannelStatus | null;
  /**
   * Why `channel` is null; `absent`: the target was asked and has none; `group`: both are members
   * of a cluster, which need none; `nonsense`: what it answered cannot be read.
   */
  noChannel: { reason: 'absent' | 'group' | 'ambiguous' | 'unread' | 'nonsense'; evidence: string } | null;
  /** See `ReplicationStatus`. */
  delayBeforeMs?: number | undefined;
  /** Of two members of a cluster; null or absent else. */
  members?: OfMembers | null;
  lag: LagSample | null;
  attribution: Attribution;
  /** What the target had and has no more; null or absent: nothing. */
  lost?: string | null;
  warningMs: number;
  /** What the target reads from, when that is not the source any more. */
  repointed: string | null;
  /** When a thread was first seen stopped after it had been seen running; null if it was never seen running. */
  stoppedSince: Date | null;
  /** The pair did replicate when it was last seen. */
  replicatedBefore: boolean;
}

export interface OfMembers {
  /** The target first; what was never a member is not here. */
  judged: { name: string; state: MemberStateName; evidence: string }[];
  /** Why the two are not in one group, though both may be well. */
  apart: string | null;
  /** How far the source itself is behind the group; null while unknown. */
  sourceBehind: BehindGroup | null;
  /** What a guest has to know of them. */
  notes: string[];
}

type HoldInput = Pick<PairStateInput, 'source' | 'target' | 'channel' | 'stoppedSince'>;

export interface DerivedState {
  state: PairStateName;
  /** One sentence. */
  evidence: string;
}

/**
 * The one state of a pair, and the sentence for it. What stops replication for good comes before what delays it, and
 * what is not known is never called in sync.
 */
export function derivePairState(input: PairStateInput): DerivedState {
  const { source, target, channel, lag } = input;
  if (!target.connected) return unknown(`${target.name}: ${target.evidence}`);
  // What was one when the source was reached last says nothing of how the target gets what the source writes.
  if (input.oneServer) return unknown(source.connected ? input.oneServer : sourceLost(source));
  if (!channel) return withoutChannel(input);
  const held = whatHolds(input);
  if (held) return { state: held.state, evidence: `${describeLag(lag)}: ${held.why}` };
  if (!source.connected) {
    const receiver = channel.receiver === 'connecting' ? `; ${receiverConnecting(channel)}` : '';
    return unknown(`${sourceLost(source)}${receiver}`);
  }
  const { state, evidence } = byLag(input);
  return { state, evidence: input.repointed ? `${evidence}; the target ${input.repointed}` : evidence };
}

function sourceLost({ name, evidence }: PairStateInput['source']): string {
  return `lag unknown: ${name}: ${evidence}`;
}

export interface Held {
  state: Extract<PairStateName, 'broken' | 'stopped' | 'connecting'>;
  /** e.g. "the applier is stopped since …". */
  why: string;
}

/** Why the target makes no progress; null when it does, or when that is not known. */
export function whatHolds({ source, target, channel, stoppedSince }: HoldInput): Held | null {
  if (!target.connected || !channel) return null;
  const { receiver, receiverError, applier, applierError } = channel;
  if (applier === 'stopped' && applierError) {
    return { state: 'broken', why: `the applier stopped on ${describe(applierError)}` };
  }
  if (receiver === 'stopped' && receiverError) {
    return { state: 'broken', why: `the receiver stopped on ${describe(receiverError)}` };
  }
  const stopped = stoppedThreads(channel);
  if (stopped) {
    const since = stoppedSince ? ` since ${formatInstant(stoppedSince)}` : '';
    return { state: 'stopped', why: `${stopped}${since}` };
  }
  if (receiver !== 'connecting' || !source.connected) return null;
  return { state: 'connecting', why: receiverConnecting(channel) };
}

function byLag(input: PairStateInput): DerivedState {
  const { source, lag, channel, attribution, warningMs, members, delayBeforeMs } = input;
  if (lag?.lagMs == null) return unknown(lag?.evidence ?? 'not measured yet');
  const delay = channel?.intendedDelayMs ?? 0;
  const tooMuch = reaches(lagBounds(lag, channel, delayBeforeMs), warningMs);
  if (tooMuch === 'yes' && input.lost) {
    return { state: 'lagging', evidence: `${describeLag(lag)}: of the target: ${input.lost}` };
  }
  if (tooMuch === 'yes') {
    const beyond = delay > 0 ? ` beyond the intended delay of ${formatDuration(delay)}` : '';
    const place = members
      ? `${lag.evidence}${whereInGroup(attribution)}`
      : (where(attribution, channel) ?? missingSomewhere(source.name, lag, attribution));
    return { state: 'lagging', evidence: `${describeLag(lag)}${beyond}: ${place}` };
  }
  if (tooMuch === 'unknown') return unknown(lag.evidence);
  if (delay > 0) {
    return { state: 'delayed', evidence: `delayed on purpose by ${formatDuration(delay)}: ${lag.evidence}` };
  }
  return { state: 'in-sync', evidence: lag.evidence };
}

function withoutChannel(input: PairStateInput): DerivedState {
  const { noChannel, replicatedBefore, lag } = input;
  const evidence = noChannel?.evidence ?? 'the replication status was not read yet';
  if (noChannel?.reason === 'absent') {
    return replicatedBefore
      ? { state: 'vanished', evidence: `replication was configured and is not any more: ${evidence}` }
      : { state: 'not-configured', evidence };
  }
  if (noChannel?.reason === 'group') {
    return ofGroup(input, evidence);
  }
  // GTIDs still tell the lag where the status may not be read.
  if (noChannel?.reason === 'unread' && lag?.lagMs != null) {
    const { state, evidence: by } = byLag({ ...input, channel: null });
    const { delayBeforeMs = 0 } = input;
    const delay = delayBeforeMs > 0 ? `; it was delayed by ${formatDuration(delayBeforeMs)} before` : '';
    return { state, evidence: `${by}; ${evidence}${delay}` };
  }
  return unknown(evidence);
}

/** What takes a member out of its group comes before what delays it there. */
function ofGroup(input: PairStateInput, evidence: string): DerivedState {
  const { source, members, warningMs } = input;
  const judged = (members?.judged ?? []).filter(({ name }) => name !== source.name || source.connected);
  for (const state of ['not-in-group', 'no-quorum'] as const) {
    const member = judged.find((member) => member.state === state);
    if (member) return { state, evidence: `${member.name}: ${member.evidence}` };
  }
  if (members?.apart) return { state: 'not-in-group', evidence: members.apart };
  if (!source.connected) return unknown(sourceLost(source));
  const joining = judged.find(({ state }) => state === 'joining');
  if (joining) return { state: 'joining', evidence: `${joining.name}: ${joining.evidence}` };
  const doubtful = judged.find(({ state }) => state === 'unknown');
  if (doubtful) return unknown(`${doubtful.name}: ${doubtful.evidence}`);
  if (input.lag?.lagMs == null) return unknown(input.lag?.evidence ?? evidence);
  const { state, evidence: by } = byLag({ ...input, channel: null });
  const notes = members && members.notes.length > 0 ? `; ${members.notes.join('; ')}` : '';
  const late = members?.sourceBehind ?? null;
  const sourceBounds = late && { atLeastMs: late.range.lagMs, atMostMs: late.range.atMostMs };
  if (state === 'in-sync' && late && reaches(sourceBounds, warningMs) === 'yes') {
    const count = late.behind === null ? '' : `, ${late.behind.toLocaleString('en')} of them`;
    return {
      state: 'source-behind',
      evidence: `${source.name} itself lacks changes that its cluster had ${formatDuration(late.range.lagMs)} ago${count}; the target ${input.lag.evidence}${notes}`,
    };
  }
  return { state, evidence: `${by}${notes}` };
}

function stoppedThreads({ receiver, applier }: ChannelStatus): string | null {
  if (receiver === 'stopped' && applier === 'stopped') return 'receiver and applier are stopped';
  if (receiver === 'stopped') return 'the receiver is stopped';
  if (applier === 'stopped') return 'the applier is stopped';
  return null;
}

function receiverConnecting({ sourceHost, sourcePort, receiverError }: ChannelStatus): string {
  const why = receiverError ? ` (${describe(receiverError)})` : '';
  return `the receiver cannot reach ${sourceHost}:${sourcePort}${why}`;
}

function describeLag(lag: LagSample | null): string {
  const bounds = lagBounds(lag, null);
  if (!bounds) return 'lag unknown';
  const { atLeastMs, atMostMs } = bounds;
  const vague = atMostMs !== null && atMostMs - atLeastMs > (bounds.resolutionMs ?? resolutionMs);
  if (lag?.method === 'estimate') return `lag estimated at ${formatDuration(lag.lagMs ?? atLeastMs)}`;
  return `lag ${vague ? 'at least ' : ''}${formatDuration(atLeastMs)}`;
}

/** Null when that is not known. */
function where(attribution: Attribution, channel: ChannelStatus | null): string | null {
  switch (attribution) {
    case 'link':
      return 'changes do not arrive, though the receiver runs';
    case 'receiver':
      return 'changes do not arrive, the receiver does not run';
    case 'applier':
      return `changes have arrived and wait for the applier${channel?.applierActivity ? ` (${channel.applierActivity})` : ''}`;
    case 'intended':
      return 'changes have arrived and wait as configured';
    case 'none':
    case 'unknown':
      return null;
  }
}

/** What the group sends comes by no channel. */
function whereInGroup(attribution: Attribution): string {
  if (attribution === 'applier') return '; they have arrived and wait for its applier';
  return attribution === 'link' ? '; they have not arrived' : '';
}

/** The lag may be younger than the status, which tells where: what is missing is known even so. */
function missingSomewhere(
  source: string,
  { transactionsBehind: behind }: LagSample,
  attribution: Attribution,
): string {
  const yet = attribution === 'none' ? ' yet' : '';
  if (behind === 1) return `1 transaction of ${source} is missing; where it waits is not known${yet}`;
  const what = behind ? `${behind.toLocaleString('en')} transactions` : 'changes';
  return `${what} of ${source} are missing; where they wait is not known${yet}`;
}

function describe({ code, message, at }: ReplicationError): string {
  const when = at ? ` at ${formatInstant(at)}` : '';
  return `error ${code}${when}: ${message}`;
}

function unknown(evidence: string): DerivedState {
  return { state: 'unknown', evidence };
}
