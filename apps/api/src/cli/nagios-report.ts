import { printable } from '../printable.ts';
import type { JudgedLag, NagiosCode } from './judge-lag.ts';
import { lagText } from './lag-line.ts';

const words: Record<NagiosCode, string> = { 0: 'OK', 1: 'WARNING', 2: 'CRITICAL', 3: 'UNKNOWN' };
const byUrgency: NagiosCode[] = [2, 3, 1, 0];

/**
 * One line, by the rules of the Monitoring Plugins: the status, what it is about, and behind a bar the figures. A lag
 * that is not known is `U` there.
 */
export function nagiosReport(judged: readonly JudgedLag[]): string {
  const worst = byUrgency.find((code) => judged.some(({ exit }) => exit === code)) ?? 3;
  const sorted = judged.toSorted((a, b) => byUrgency.indexOf(a.exit) - byUrgency.indexOf(b.exit));
  const parts = sorted.map(({ pair, lag, state, evidence, exit }) =>
    exit === 0 ? `${pair} ${lagText(lag)}` : `${pair} ${state}: ${evidence}`,
  );
  // The bar is the border to the figures.
  const text = printable(parts.join('; ')).replaceAll('|', '/');
  return `LAG ${words[worst]} - ${text} | ${judged.map(figure).join(' ')}\n`;
}

/** `'label'=value[unit];warning;critical;minimum` */
function figure({ pair, lag, thresholds }: JudgedLag): string {
  const label = `'${pair.replaceAll('=', '_').replaceAll("'", "''")}'`;
  const value = lag?.lagMs == null ? 'U' : `${(lag.lagMs / 1000).toFixed(3)}s`;
  return `${label}=${value};${thresholds.warningMs / 1000};${thresholds.criticalMs / 1000};0`;
}
