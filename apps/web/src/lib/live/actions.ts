import {
  acknowledgeAlert,
  type Alert,
  silenceAlert,
  unacknowledgeAlert,
  unsilenceAlert,
} from '#lib/api/documents/alert.ts';
import { acceptGroupSize, type Group } from '#lib/api/documents/group.ts';
import { pausePair, resumePair } from '#lib/api/documents/pair.ts';
import { cancelRun, type CheckKind, pauseRun, resumeRun, startRun } from '#lib/api/documents/run.ts';
import { createSilence, endSilence, type NewSilence, restoreSilence } from '#lib/api/documents/silence.ts';
import { type Outcome, perform } from '#lib/api/perform.ts';
import { dateTime } from '#lib/format/instant.ts';
import { plural } from '#lib/format/number.ts';
import { preferences } from '#lib/state/preferences.svelte.ts';
import { checkNames } from '#lib/state/run.ts';
import { toasts } from '#lib/state/toasts.svelte.ts';
import type { Live } from './context.ts';

/**
 * What a person can do. Each resolves to whether it was done, and shows the service's reason when it was not. The
 * change itself comes over the link, like everybody's: the answer here may already be older than that.
 */
export function actions({ api }: Pick<Live, 'api'>) {
  function done(outcome: Outcome<unknown>, say?: string): boolean {
    if (!outcome.ok) toasts.refuse(outcome.message);
    else if (say !== undefined) toasts.say(say);
    return outcome.ok;
  }

  return {
    /** `tables` by their qualified names; null for all. */
    async check(pair: string, check: CheckKind, tables: string[] | null): Promise<boolean> {
      const what = tables ? plural(tables.length, 'table') : pair;
      return done(
        await perform(api, startRun, { pair, check, tables }),
        `${checkNames[check]} of ${what} begins.`,
      );
    },

    async changeRun(id: string, change: 'cancel' | 'pause' | 'resume'): Promise<boolean> {
      const document = { cancel: cancelRun, pause: pauseRun, resume: resumeRun }[change] as typeof cancelRun;
      return done(await perform(api, document, { id }));
    },

    async pausePair(name: string, paused: boolean): Promise<boolean> {
      const document = (paused ? pausePair : resumePair) as typeof pausePair;
      return done(
        await perform(api, document, { name }),
        paused ? `Checks of ${name} are paused. Lag is still measured.` : `Checks of ${name} go on.`,
      );
    },

    async acceptGroupSize({ id, name }: Group, size: number): Promise<boolean> {
      return done(
        await perform(api, acceptGroupSize, { id, size }),
        `${name} is to have ${plural(size, 'member')} from now on.`,
      );
    },

    async acknowledge({ id }: Alert, note: string): Promise<boolean> {
      return done(await perform(api, acknowledgeAlert, { id, note }));
    },

    async unacknowledge({ id }: Alert): Promise<boolean> {
      return done(await perform(api, unacknowledgeAlert, { id }));
    },

    async createSilence(silence: NewSilence): Promise<boolean> {
      const outcome = await perform(api, createSilence, silence);
      if (outcome.ok) {
        const { id } = outcome.value;
        toasts.say('Silenced.', { label: 'Undo', run: () => void this.endSilence(id) });
      }
      return done(outcome);
    },

    async endSilence(id: string): Promise<boolean> {
      const outcome = await perform(api, endSilence, { id });
      if (outcome.ok) {
        toasts.say('The silence is ended.', { label: 'Undo', run: () => void this.restoreSilence(id) });
      }
      return done(outcome);
    },

    async restoreSilence(id: string): Promise<boolean> {
      return done(await perform(api, restoreSilence, { id }));
    },

    /** Of several alerts those are silenced that can be; true when all were. */
    async silence(alerts: readonly Alert[], until: Date): Promise<boolean> {
      const silenced: Alert[] = [];
      for (const alert of alerts) {
        const outcome = await perform(api, silenceAlert, { id: alert.id, until: until.toISOString() });
        if (done(outcome)) silenced.push(alert);
      }
      if (silenced.length > 0) {
        const what = alerts.length === 1 ? 'Silenced' : `${plural(silenced.length, 'alert')} silenced`;
        toasts.say(`${what} until ${dateTime(until, preferences.zone)}.`, {
          label: 'Undo',
          run: () => {
            for (const alert of silenced) void this.unsilence(alert);
          },
        });
      }
      return silenced.length === alerts.length;
    },

    async unsilence({ id }: Alert): Promise<boolean> {
      return done(await perform(api, unsilenceAlert, { id }));
    },
  };
}
