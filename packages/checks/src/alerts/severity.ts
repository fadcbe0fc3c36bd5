import type { Severity } from '../model/alert.ts';

const rank: Record<Severity, number> = { INFO: 0, WARNING: 1, CRITICAL: 2 };

export function worse(a: Severity, b: Severity): Severity {
  return rank[a] >= rank[b] ? a : b;
}

export function milder(a: Severity, b: Severity): Severity {
  return rank[a] <= rank[b] ? a : b;
}
