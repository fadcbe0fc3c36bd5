import type { Severity } from '@lockstep/checks';
import { inertMarkdown } from './markdown.ts';
import { posting } from './posting.ts';
import { headline, lines, type Told } from './wording.ts';

/** A workflow of Microsoft Teams ("When a Teams webhook request is received"): an adaptive card. */
export const teams = posting(teamsCard);

const COLOURS: Record<Severity, string> = { CRITICAL: 'Attention', WARNING: 'Warning', INFO: 'Accent' };

export function teamsCard(told: Told): object {
  const { event, alert, link } = told;
  const block = (text: string) => ({ type: 'TextBlock', text: inertMarkdown(text), wrap: true });
  const colour = event === 'firing' ? COLOURS[alert.severity] : event === 'resolved' ? 'Good' : 'Default';
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      { ...block(headline(told)), weight: 'Bolder', size: 'Medium', color: colour },
      ...lines(told).map((line) => ({ ...block(line), spacing: 'Small' })),
    ],
    ...(link && { actions: [{ type: 'Action.OpenUrl', title: 'Open in Lockstep', url: link }] }),
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}
