import { acknowledgeAlert, silenceAlert, unsilenceAlert, type Alert } from '#lib/api/documents/alert.ts';
import { pausePair, resumePair } from '#lib/api/documents/pair.ts';
import { cancelRun, pauseRun, resumeRun, startRun, type CheckKind } from '#lib/api/documents/run.ts';
import { perform, type Outcome } from '#lib/api/perform.ts';
import { dateTime } from '#lib/format/instant.ts';
import { plural } from '#lib/format/number.ts';
import { checkNames } from '#lib/state/run.ts';
import { preferences } from '#lib/state/preferences.svelte.ts';
import { toasts } from '#lib/state/toasts.svelte.ts';
import type { Live } from './context.ts';

/**
 * What a person can do. Each says how it went, shows the change at once without waiting for its event, and resolves
 * to whether it was done.
 */
export function actions({ api, fleet }: Pick<Live, 'api' | 'fleet'>) {
  function takeAlert(outcome: Outcome<Alert>): boolean {
    if (outcome.ok) fleet.takeAlert(outcome.value);
    else toasts.refuse(outcome.message);
    return outcome.ok;
  }

  return {
    /** `tables` as `schema.table`; null for all. */
    async check(pair: string, check: CheckKind, tables: string[] | null): Promise<boolean> {
      const outcome = await perform(api, startRun, { pair, check, tables });
      if (!outcome.ok) toasts.refuse(outcome.message);
      else {
        fleet.pairs.get(pair)?.takeRun(outcome.value);
        toasts.say(`${checkNames[check]} of ${tables ? plural(tables.length, 'table') : pair} begins.`);
      }
      return outcome.ok;
    },

    async changeRun(id: string, change: 'cancel' | 'pause' | 'resume'): Promise<boolean> {
      const document = { cancel: cancelRun, pause: pauseRun, resume: resumeRun }[change] as typeof cancelRun;
      const outcome = await perform(api, document, { id });
      if (outcome.ok) fleet.pairs.get(outcome.value.pair)?.takeRun(outcome.value);
      else toasts.refuse(outcome.message);
      return outcome.ok;
    },

    async pausePair(name: string, paused: boolean): Promise<boolean> {
      const document = (paused ? pausePair : resumePair) as typeof pausePair;
      const outcome = await perform(api, document, { name });
      if (!outcome.ok) toasts.refuse(outcome.message);
      else {
        fleet.takePair(outcome.value);
        toasts.say(
          paused ? `Checks of ${name} are paused. Lag is still measured.` : `Checks of ${name} go on.`,
        );
      }
      return outcome.ok;
    },

    async acknowledge(alert: Alert, note: string): Promise<boolean> {
      return takeAlert(await perform(api, acknowledgeAlert, { id: alert.id, note }));
    },

    async silence(alert: Alert, until: Date): Promise<boolean> {
      const done = takeAlert(await perform(api, silenceAlert, { id: alert.id, until: until.toISOString() }));
      if (done) {
        toasts.say(`Silenced until ${dateTime(until, preferences.zone)}.`, {
          label: 'Undo',
          run: () => void this.unsilence(alert),
        });
      }
      return done;
    },

    async unsilence(alert: Alert): Promise<boolean> {
      return takeAlert(await perform(api, unsilenceAlert, { id: alert.id }));
    },
  };
}
