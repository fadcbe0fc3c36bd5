export type LinkState = 'connecting' | 'live' | 'slow' | 'reconnecting' | 'offline';

/** Without a link for this long, "reconnecting" has become a promise that nobody keeps. */
const offlineAfterMs = 30_000;

/** A link that should bring a ping's answer every two seconds and brings nothing for this long is not live. */
const silentAfterMs = 6_000;

/** Nor is one on which everything comes this late. */
const slowAfterMs = silentAfterMs;

export interface LinkFacts {
  connected: boolean;
  /** Monotonic ms of the last message of any kind; null before the first. */
  lastMessage: number | null;
  /** How long messages are on their way, at most. */
  lateMs: number;
  /** Monotonic ms when the link was lost, or when the first attempt began. */
  lostAt: number;
  /** The browser itself knows that it has no network. */
  browserOffline: boolean;
}

export function linkState(facts: LinkFacts, now: number): LinkState {
  if (facts.connected && facts.lastMessage !== null) {
    if (now - facts.lastMessage >= silentAfterMs) return 'reconnecting';
    return facts.lateMs < slowAfterMs ? 'live' : 'slow';
  }
  if (facts.browserOffline || now - facts.lostAt >= offlineAfterMs) return 'offline';
  return facts.lastMessage === null ? 'connecting' : 'reconnecting';
}
