/** The wait after the given failed attempt (counted from 1): doubling from `firstDelayMs`, never above `maxDelayMs`. */
export function backoffDelay(attempt: number, config: { firstDelayMs: number; maxDelayMs: number }): number {
  return Math.min(config.maxDelayMs, config.firstDelayMs * 2 ** Math.min(attempt - 1, 30));
}
