let spentMs = 0;

/**
 * Processor time that histories in threads of their own have spent on what was asked of them, in ms, one with another:
 * whoever asks waits for it, and with them all else that the process does.
 */
export function historyMs(): number {
  return spentMs;
}

export function spentByHistory(ms: number): void {
  spentMs += ms;
}
