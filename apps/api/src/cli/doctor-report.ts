import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { Examined, Finding, Mark } from '@lockstep/checks';
import { printable } from '../printable.ts';

const LOOKS: Record<Mark, { sign: string; style: 'green' | 'red' | 'yellow' }> = {
  good: { sign: '✓', style: 'green' },
  bad: { sign: '✕', style: 'red' },
  doubt: { sign: '?', style: 'yellow' },
};

/** For people: a line a finding, with what mends it on the next. `stream` decides on colours. */
export function doctorReport(examined: readonly Examined[], stream: Writable): string {
  const findings = examined.flatMap((each) => each.findings);
  const width = Math.max(0, ...findings.map(({ topic }) => topic.length));
  const paint = (style: 'bold' | 'green' | 'red' | 'yellow', text: string) =>
    styleText(style, text, { stream });

  function lines({ topic, mark, evidence, mend }: Finding): string[] {
    const { sign, style } = LOOKS[mark];
    const line = `  ${paint(style, `${sign} ${topic.padEnd(width)}`)}  ${printable(evidence)}`;
    return mend === null ? [line] : [line, `    ${' '.repeat(width)}  → ${printable(mend)}`];
  }

  const blocks = examined.map(({ name, place, findings }) =>
    [`${paint('bold', name)}  ${place}`, ...findings.flatMap(lines), ''].join('\n'),
  );
  return `${blocks.join('\n')}\n${summary(findings)}\n`;
}

function summary(findings: readonly Finding[]): string {
  const count = (mark: Mark) => findings.filter((finding) => finding.mark === mark).length;
  return `${count('good')} in order, ${count('bad')} to mend, ${count('doubt')} not known or worth a look.`;
}
