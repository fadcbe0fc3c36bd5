import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { LagSample } from '@lockstep/checks';
import { printable } from '../printable.ts';
import type { JudgedLag, NagiosCode } from './judge-lag.ts';

const LOOKS: Record<NagiosCode, { sign: string; style: 'green' | 'yellow' | 'red' }> = {
  0: { sign: '✓', style: 'green' },
  1: { sign: '!', style: 'yellow' },
  2: { sign: '✕', style: 'red' },
  3: { sign: '?', style: 'yellow' },
};

/** e.g. `✓ orders  0 s  in-sync  has all changes of db1 up to 120 ms ago`. */
export function lagLine(
  { pair, state, evidence, lag, exit }: JudgedLag,
  width: number,
  stream: Writable,
): string {
  const { sign, style } = LOOKS[exit];
  const head = styleText(style, `${sign} ${printable(pair).padEnd(width)}`, { stream });
  return `${head}  ${lagText(lag).padStart(9)}  ${state.padEnd(14)}  ${printable(evidence)}`;
}

/** What is at least so much is not said to be so much, and what is not known is not said to be 0. */
export function lagText(lag: LagSample | null): string {
  if (lag?.lagMs == null) return 'unknown';
  const seconds = `${(lag.lagMs / 1000).toFixed(lag.lagMs === 0 ? 0 : 1)} s`;
  return lag.method === 'estimate' ? `~${seconds}` : seconds;
}
