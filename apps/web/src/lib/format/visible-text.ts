/** A stretch of a value: as it is, or a character that would not be seen, with its name. */
export type TextPart = { kind: 'plain'; text: string } | { kind: 'mark'; text: string; name: string };

const marks: Record<string, { text: string; name: string }> = {
  ' ': { text: '·', name: 'space' },
  '\t': { text: '→', name: 'tab' },
  '\n': { text: '↵', name: 'line feed' },
  '\r': { text: '␍', name: 'carriage return' },
  '\u00a0': { text: '⍽', name: 'no-break space' },
};

// Tabs, line ends, every space but the plain one, which is handled by its place, control characters, what takes no
// room, and what turns the direction of writing around.
const unseen = /(?! )[\p{Cc}\p{Z}\p{DI}\ufff9-\ufffb]/gu;

/** Most names: told without the tables of Unicode, which a browser takes a while to read. */
const allSeen = /^[!-~](?:[ -~]*[!-~])?$/;

/**
 * Splits a value so that what the eye would miss can be shown: a trailing space is a difference too. `edges` says
 * which ends of `value` are ends of the whole value, where spaces count.
 */
export function visibleText(
  value: string,
  edges: { start: boolean; end: boolean } = { start: true, end: true },
): TextPart[] {
  if (allSeen.test(value)) return [{ kind: 'plain', text: value }];
  const leading = edges.start ? (/^ +/.exec(value)?.[0].length ?? 0) : 0;
  const trailing = edges.end && leading < value.length ? (/ +$/.exec(value)?.[0].length ?? 0) : 0;
  return [
    ...spaces(leading),
    ...withMarks(value.slice(leading, value.length - trailing)),
    ...spaces(trailing),
  ];
}

function withMarks(value: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of value.matchAll(unseen)) {
    if (match.index > end) parts.push({ kind: 'plain', text: value.slice(end, match.index) });
    parts.push(mark(match[0]));
    end = match.index + match[0].length;
  }
  if (end < value.length) parts.push({ kind: 'plain', text: value.slice(end) });
  return parts;
}

function spaces(length: number): TextPart[] {
  return Array.from({ length }, () => mark(' '));
}

function mark(character: string): TextPart {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return { kind: 'mark', ...(marks[character] ?? { text: `U+${code}`, name: `U+${code}` }) };
}
