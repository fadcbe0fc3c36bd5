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
