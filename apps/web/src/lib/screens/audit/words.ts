import type { AuditEntry } from '#lib/api/documents/audit.ts';

/** As it was done, and as somebody tries to do it. */
const actions: Record<string, [done: string, tried: string]> = {
  startRun: ['started a', 'start a'],
  cancelRun: ['cancelled', 'cancel'],
  pauseRun: ['paused', 'pause'],
  resumeRun: ['resumed', 'resume'],
  pausePair: ['paused', 'pause'],
  resumePair: ['resumed', 'resume'],
  acknowledgeAlert: ['acknowledged', 'acknowledge'],
  unacknowledgeAlert: ['took back the acknowledgement of', 'take back the acknowledgement of'],
  silenceAlert: ['silenced', 'silence'],
  unsilenceAlert: ['ended the silence of', 'end the silence of'],
  createSilence: ['silenced alerts with', 'silence alerts with'],
  endSilence: ['ended the silence of alerts with', 'end the silence of alerts with'],
  restoreSilence: ['gave back the silence of alerts with', 'give back the silence of alerts with'],
  acceptGroupSize: ['accepted the size of', 'accept the size of'],
  reloadConfiguration: ['reloaded the configuration', 'reload the configuration'],
  sendTestNotification: ['sent a test to', 'send a test to'],
  signIn: ['signed in', 'sign in'],
  signOut: ['signed out', 'sign out'],
};

/** What can be asked for alone: how it is called in a list, by the name of the action. */
export const kinds: Record<string, string> = {
  signIn: 'Sign-ins',
  signOut: 'Sign-outs',
  startRun: 'Checks started',
  cancelRun: 'Checks cancelled',
  pauseRun: 'Checks paused',
  resumeRun: 'Checks resumed',
  pausePair: 'Pairs paused',
  resumePair: 'Pairs resumed',
  acknowledgeAlert: 'Alerts acknowledged',
  unacknowledgeAlert: 'Acknowledgements taken back',
  silenceAlert: 'Alerts silenced',
  unsilenceAlert: 'Silences of alerts ended',
  createSilence: 'Silences made',
  endSilence: 'Silences ended',
  restoreSilence: 'Silences given back',
  acceptGroupSize: 'Sizes of clusters accepted',
  reloadConfiguration: 'Configuration reloaded',
  sendTestNotification: 'Tests of destinations',
};

const dayMs = 86_400_000;
/** How far back, by what the address says. */
export const periods: Record<string, { name: string; ms: number }> = {
  day: { name: 'Last 24 hours', ms: dayMs },
  week: { name: 'Last 7 days', ms: 7 * dayMs },
  month: { name: 'Last 30 days', ms: 30 * dayMs },
};

/** In a sentence after who. What this page does not know is told by its own name. */
export function actionWords({ action, outcome }: Pick<AuditEntry, 'action' | 'outcome'>): string {
  const [done, tried] = actions[action] ?? [action, action];
  return outcome === 'DONE' ? done : `tried to ${tried}`;
}

export const outcomeWords: Record<AuditEntry['outcome'], string> = {
  DONE: 'Done',
  REFUSED: 'Refused',
  FAILED: 'Failed',
};

/** How they showed who they are; null for what goes without saying. */
export const wayWords: Record<AuditEntry['way'], string | null> = {
  TOKEN: 'token',
  PROXY: 'by the proxy',
  OIDC: 'by the provider',
  PROGRAM: 'from the machine',
  NONE: null,
};
