import { beginOf } from '../begin-of.ts';
import { unprintable } from '../unprintable.ts';

/** What a server says is repeated in logs, alerts, messages and the store: so much of it, in characters. */
const maxChars = 1000;

const unprintables = new RegExp(`(?:${unprintable.source})+`, unprintable.flags);

/** A server's words, fit to be repeated in a sentence; `most`: of what is not only repeated, but judged by. */
export function foreignText(text: string, most = maxChars): string {
  const cut = text.length <= most ? text : `${beginOf(text, most)}…`;
  return cut.replace(unprintables, ' ');
}

const hidden = '••••';

/** What an error of an applier begins with, as long as nothing in it comes from a row. */
const head =
  /^(?:Worker \d+ failed executing transaction '[\w:.,-]{1,200}' at (?:source|master) log [\w.-]{1,200}, end_log_pos \d+; )?(?:Could not execute \w+ event on table [^';]{1,200}; )?/;

/** And what it ends with, likewise. */
const tail =
  /, Error_code: (?:MY-)?\d+(?:; handler error \w{1,60})?(?:; the event's (?:source|master) log [\w.-]{1,200}(?:, end_log_pos \d+)?)?$/;

/** "Can't" begins none. */
const quotation = /["`‘“]|(?<!n)'|'(?!t\b)/;

/** SIGNAL and its kin: the whole text is the user's. */
const userTexts = new Set([1643, 1644, 1645, 3819, 4025]);

/**
 * An error's text without the values that it quotes. Nobody can tell where a quoted value ends, since it may hold
 * quotation marks itself, and the server may have cut the text within it: what comes behind the first mark is hidden.
 */
export function withoutValues(text: string, errno: number): string {
  const [start] = head.exec(text) ?? [''];
  const rest = text.slice(start.length);
  const at = userTexts.has(errno) ? 0 : rest.search(quotation);
  if (at < 0) return text;
  const [end] = tail.exec(rest.slice(at)) ?? [''];
  return `${start}${rest.slice(0, at)}${hidden}${end}`;
}
