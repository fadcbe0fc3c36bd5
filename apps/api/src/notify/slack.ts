import type { Alert, Severity } from '@lockstep/checks';
import type { Destination } from './destination.ts';
import { postJson } from './post-json.ts';

/** An incoming webhook of Slack, or of what understands the same (Mattermost, Rocket.Chat, Discord's `/slack`). */
export function slack(name: string, url: string, minSeverity: Severity): Destination {
  return {
    name,
    minSeverity,
    send: ({ key, alert }, signal) =>
      postJson(url, { text: slackText(alert) }, { 'idempotency-key': key }, signal),
  };
}

const ICONS: Record<Severity, string> = {
  CRITICAL: ':red_circle:',
  WARNING: ':large_orange_circle:',
  INFO: ':large_blue_circle:',
};

export function slackText({
  state,
  severity,
  summary,
  evidence,
  pair,
  server,
  table,
  startedAt,
}: Alert): string {
  const resolved = state === 'resolved';
  const heading = resolved
    ? `:white_check_mark: *Resolved: ${summary}*`
    : `${ICONS[severity]} *${severity}: ${summary}*`;
  const where = [
    pair === null ? null : `pair ${pair}`,
    server === null ? null : `server ${server}`,
    table === null ? null : `table ${table}`,
  ].filter((part) => part !== null);
  const since = `${resolved ? 'began' : 'since'} ${startedAt.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return [escaped(heading), escaped(evidence), escaped([...where, since].join(' · '))].join('\n');
}

/** Evidence quotes servers and names of tables: nothing in it may become a link or a mention. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
