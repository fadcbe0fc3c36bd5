import { diffWordsWithSpace } from 'diff';

/** A stretch of two texts, in the order of both: the same in them, or what each side has instead, '' for nothing. */
export type TextPart = { same: string } | { source: string; target: string };

/** Texts that have less in common are told apart at their ends alone: more marks than these say nothing. */
const mostEdits = 200;

/** Word by word, and within a word that changed by what it shares at its ends. */
export function textDiff(source: string, target: string): TextPart[] {
  const changes = diffWordsWithSpace(source, target, { maxEditLength: mostEdits });
  if (!changes) return byEnds(source, target);
  const parts: TextPart[] = [];
  const open = { source: '', target: '' };
  const add = (part: TextPart) => {
    const last = parts.at(-1);
    if (last && 'same' in last && 'same' in part) last.same += part.same;
    else parts.push(part);
  };
  const close = () => {
    if (open.source !== '' || open.target !== '') {
      for (const part of byEnds(open.source, open.target)) add(part);
    }
    open.source = open.target = '';
  };
  for (const { value, added, removed } of changes) {
    if (removed) open.source += value;
    else if (added) open.target += value;
    else {
      close();
      add({ same: value });
    }
  }
  close();
  return parts;
}

function byEnds(source: string, target: string): TextPart[] {
  const a = [...source];
  const b = [...target];
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const before = a.slice(0, start).join('');
  const after = a.slice(a.length - end).join('');
  return [
    ...(before === '' ? [] : [{ same: before }]),
    { source: a.slice(start, a.length - end).join(''), target: b.slice(start, b.length - end).join('') },
    ...(after === '' ? [] : [{ same: after }]),
  ];
}
