import type { Severity } from '@lockstep/checks';
import { printable } from '../printable.ts';
import { posting } from './posting.ts';
import { headline, lines, type Told } from './wording.ts';

/** An incoming webhook of Slack, or of what understands the same (Mattermost, Rocket.Chat, Discord's `/slack`). */
export const slack = posting((message) => ({
  text: slackText(message),
  parse: 'none',
  link_names: false,
  unfurl_links: false,
  unfurl_media: false,
}));

const ICONS: Record<Severity, string> = {
  CRITICAL: ':red_circle:',
  WARNING: ':large_orange_circle:',
  INFO: ':large_blue_circle:',
};

export function slackText(told: Told): string {
  const { event, alert, link } = told;
  const icons = { resolved: ':white_check_mark:', test: ':wave:', watchdog: ':dog:' };
  const icon = event === 'firing' ? ICONS[alert.severity] : icons[event];
  const text = [`${icon} *${headline(told)}*`, ...lines(told)].map(escaped);
  return (link ? [...text, `<${link}|Open in Lockstep>`] : text).join('\n');
}

/** Of no width, and between two characters that mean something only side by side. */
const between = '\u200b';

/**
 * Evidence quotes servers and names of tables: nothing in it may become a mention, a link that hides where it leads, or
 * a line of its own, whichever of the programs that take this format shows it.
 */
function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', `@${between}`)
    .replaceAll('](', `]${between}(`);
}
