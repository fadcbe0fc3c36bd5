/** The part of a lag that nobody intended: 0 within the delay configured for the channel; null: none is known. */
export function beyondIntended(lagMs: number, channel: { intendedDelayMs: number } | null): number {
  return Math.max(0, lagMs - (channel?.intendedDelayMs ?? 0));
}
