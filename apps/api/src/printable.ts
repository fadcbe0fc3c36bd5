import { unprintable } from '@lockstep/checks';

/** Text from a database as a terminal may show it: control characters could move the cursor or hide what was said. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** A line of JSON for programs, which a terminal may show as well: it says the same. */
export function printableJson(value: unknown): string {
  return `${printable(JSON.stringify(value))}\n`;
}

/** What is written already, in lines of its own and in colours: only what could have come from elsewhere is escaped. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (char) => (char === '\n' || char === '\u001b' ? char : escaped(char)));
}

/** As JSON has it, so that a line of JSON says the same with it. */
function escaped(char: string): string {
  return char.split('').map(escapedUnit).join('');
}

function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
