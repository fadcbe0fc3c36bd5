/** A moment as people read it in a sentence: `2026-01-02 14:02:11 UTC`. */
export function formatInstant(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
