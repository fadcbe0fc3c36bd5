import type { Severity } from '@lockstep/checks';
import { printable } from '../printable.ts';
import type { Destination, Message } from './destination.ts';
import { postJson } from './post-json.ts';

/** An incoming webhook of Slack, or of what understands the same (Mattermost, Rocket.Chat, Discord's `/slack`). */
export function slack(name: string, url: string, minSeverity: Severity): Destination {
  return {
    name,
    minSeverity,
    send: (message, signal) =>
      postJson(
        url,
        {
          text: slackText(message),
          parse: 'none',
          link_names: false,
          unfurl_links: false,
          unfurl_media: false,
        },
        { 'idempotency-key': message.key },
        signal,
      ),
  };
}

const ICONS: Record<Severity, string> = {
  CRITICAL: ':red_circle:',
  WARNING: ':large_orange_circle:',
  INFO: ':large_blue_circle:',
};

export function slackText({ event, alert }: Pick<Message, 'event' | 'alert'>): string {
  const { severity, summary, evidence, pair, server, table, startedAt } = alert;
  const headings = {
    firing: `${ICONS[severity]} *${severity}: ${summary}*`,
    resolved: `:white_check_mark: *Resolved: ${summary}*`,
    test: `:wave: *Test: ${summary}*`,
  };
  const where = [
    pair === null ? null : `pair ${pair}`,
    server === null ? null : `server ${server}`,
    table === null ? null : `table ${table}`,
  ].filter((part) => part !== null);
  const since = `${event === 'resolved' ? 'began' : 'since'} ${startedAt.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return [escaped(headings[event]), escaped(evidence), escaped([...where, since].join(' · '))].join('\n');
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
