import { beginOf, type Severity } from '@lockstep/checks';
import { inertMarkdown } from './markdown.ts';
import { posting } from './posting.ts';
import { headline, lines, type Told } from './wording.ts';

/** A webhook of Discord, in its own form: one embed. */
export const discord = posting(discordBody);

const COLOURS: Record<Severity, number> = { CRITICAL: 0xdc2626, WARNING: 0xea580c, INFO: 0x2563eb };
const over = 0x16a34a;
/** What Discord takes; more is refused as a whole. */
const longest = { title: 256, description: 4_096 };

export function discordBody(told: Told): object {
  const { event, alert, link } = told;
  return {
    username: 'Lockstep',
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: cut(inertMarkdown(headline(told)), longest.title),
        description: cut(lines(told).map(inertMarkdown).join('\n'), longest.description),
        color: event === 'firing' ? COLOURS[alert.severity] : over,
        timestamp: alert.updatedAt.toISOString(),
        ...(link && { url: link }),
      },
    ],
  };
}

const cut = (text: string, most: number) => (text.length > most ? `${beginOf(text, most - 1)}…` : text);
