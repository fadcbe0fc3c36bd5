import type { PairEvent, PairStateName } from '#lib/api/documents/pair.ts';

export interface Segment {
  from: number;
  to: number;
  /** Null: nothing is recorded about it. */
  state: PairStateName | null;
}

/**
 * The states of a pair over a stretch, from its events (oldest first) and its present. Before the first event of the
 * stretch the state is only known if it is the present one that began earlier.
 */
export function stateSegments(
  events: readonly PairEvent[],
  present: { state: PairStateName; since: number; at: number },
  from: number,
  to: number,
): Segment[] {
  const end = Math.min(to, present.at);
  const changes = events
    .filter((event) => event.kind === 'STATE' && event.state !== null)
    .map((event) => ({ at: Date.parse(event.at), state: event.state }))
    .filter((change) => change.at < end);
  if (changes.every((change) => change.at < present.since) && present.since < end) {
    changes.push({ at: present.since, state: present.state });
  }
  const segments: Segment[] = [];
  let state: PairStateName | null = null;
  let since = from;
  for (const change of changes) {
    if (change.at > since) segments.push({ from: since, to: change.at, state });
    state = change.state;
    since = Math.max(from, change.at);
  }
  if (end > since) segments.push({ from: since, to: end, state });
  return segments;
}
