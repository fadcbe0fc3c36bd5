import { isDeepStrictEqual } from 'node:util';
import type { DestinationConfig, DestinationType } from '../config/loaded.ts';
import { alertmanager } from './alertmanager.ts';
import type { Destination } from './destination.ts';
import { discord } from './discord.ts';
import { email } from './email.ts';
import type { Grouping } from './grouping.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { teams } from './teams.ts';
import { webhook } from './webhook.ts';

type LabelsOf = (pair: string | null) => Readonly<Record<string, string>>;

/** Whoever reads them wants one message about one trouble: what is wrong with a pair mostly has one reason. */
const forPeople: Grouping = {
  by: ['pair'],
  waitMs: 10_000,
  intervalMs: 60_000,
  repeatMs: null,
  most: Infinity,
};
/** Once any part of it is asked for: every alert is a group of its own until `groupBy` says otherwise. */
const forPrograms: Grouping = { by: ['...'], waitMs: 0, intervalMs: 0, repeatMs: null, most: Infinity };
/** It groups by itself, and forgets what it does not hear of. */
const forAlertmanager: Grouping = { by: [], waitMs: 1_000, intervalMs: 1_000, repeatMs: 60_000, most: 500 };

const groupings: Record<DestinationType, Grouping | null> = {
  webhook: null,
  slack: forPeople,
  teams: forPeople,
  discord: forPeople,
  email: forPeople,
  pagerduty: forPeople,
  alertmanager: forAlertmanager,
};

/** `labelsOf`: of a pair, by its name. */
export function makeDestination(config: DestinationConfig, labelsOf: LabelsOf): Destination {
  const { type, grouping = {}, routes, watchdogMs } = config;
  const asked = Object.keys(grouping).length > 0;
  const usual = groupings[type] ?? (asked ? forPrograms : null);
  return {
    ...bare(config, labelsOf),
    ...(usual && { grouping: { ...usual, ...grouping } }),
    ...(routes && { routes }),
    ...(watchdogMs !== undefined && { watchdogMs }),
  };
}

function bare(config: DestinationConfig, labelsOf: LabelsOf): Destination {
  const { name, type, url, minSeverity, headers = {} } = config;
  if (type === 'email') return email(name, url, minSeverity, config.letter ?? { from: '', to: [] }, headers);
  if (type === 'pagerduty') return pagerduty(name, url, minSeverity, config.routingKey ?? '', headers);
  if (type === 'alertmanager') return alertmanager(name, url, minSeverity, labelsOf, headers);
  const kinds = { webhook, slack, teams, discord };
  return kinds[type](name, url, minSeverity, headers);
}

/** Makes destinations; one that is configured as before is the same as before. */
export class Destinations {
  readonly #labelsOf: LabelsOf;
  #made: { config: DestinationConfig; destination: Destination }[] = [];

  /** `labelsOf`: of a pair, by its name, as they are at the time. */
  constructor(labelsOf: LabelsOf) {
    this.#labelsOf = labelsOf;
  }

  of(configs: readonly DestinationConfig[]): Destination[] {
    this.#made = configs.map((config) => {
      const before = this.#made.find((made) => isDeepStrictEqual(made.config, config));
      return before ?? { config, destination: makeDestination(config, this.#labelsOf) };
    });
    return this.#made.map(({ destination }) => destination);
  }
}
