import type { AuditEntry } from '#lib/api/documents/audit.ts';

const actions: Record<string, string> = {
  startRun: 'started a',
  cancelRun: 'cancelled a',
  pauseRun: 'paused a',
  resumeRun: 'resumed a',
  pausePair: 'paused',
  resumePair: 'resumed',
  acknowledgeAlert: 'acknowledged',
  unacknowledgeAlert: 'took back the acknowledgement of',
  silenceAlert: 'silenced',
  unsilenceAlert: 'ended the silence of',
  createSilence: 'silenced alerts with',
  endSilence: 'ended the silence of alerts with',
  restoreSilence: 'gave back the silence of alerts with',
  acceptGroupSize: 'accepted the size of',
  reloadConfiguration: 'reloaded the configuration',
  sendTestNotification: 'sent a test to',
  signIn: 'signed in',
  signOut: 'signed out',
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

/** In a sentence after who; what this page does not know by its own name. */
export function actionWords(action: string): string {
  return actions[action] ?? action;
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
