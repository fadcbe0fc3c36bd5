import { printable } from '../printable.ts';

/** Text of servers where Markdown is shown: nothing in it is a link, a mention, an emphasis or a line of its own. */
export function inertMarkdown(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]()#+|~<>]/g, String.raw`\$&`)
    .replaceAll('@', '@\u200b')
    .replaceAll('://', ':\u200b//');
}
