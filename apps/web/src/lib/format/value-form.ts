/** How a person wants values shown: as they come (binary as hex), or all one way. */
export const valueForms = ['as-is', 'text', 'hex'] as const;
export type ValueForm = (typeof valueForms)[number];

export interface ShownValue {
  text: string;
  /** What the text is, where it is not the value itself: the bytes of it, or what bytes read as. */
  note: 'hex' | 'UTF-8' | null;
}

/** A value that is neither NULL nor masked, in the form asked for. Bytes that are no UTF-8 text stay hex. */
export function shownValue(text: string, encoding: 'TEXT' | 'HEX', form: ValueForm): ShownValue {
  if (encoding === 'TEXT') return form === 'hex' ? { text: hexOf(text), note: 'hex' } : { text, note: null };
  const read = form === 'text' ? readUtf8(text) : null;
  return read === null ? { text, note: 'hex' } : { text: read, note: 'UTF-8' };
}

function hexOf(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text));
  return bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');
}

function readUtf8(hex: string): string | null {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  try {
    // Of a value that was cut, the last character may be incomplete.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, {
      stream: true,
    });
  } catch {
    return null;
  }
}
