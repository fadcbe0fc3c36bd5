const firstMs = 500;
const capMs = 10_000;

/** How long to wait before attempt `retries + 1`: doubling, capped, and never the same for two browsers at once. */
export function backoffMs(retries: number, random = Math.random()): number {
  const full = Math.min(capMs, firstMs * 2 ** Math.min(retries, 10));
  return full / 2 + (random * full) / 2;
}
