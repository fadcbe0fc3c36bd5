import { clockWrong } from '../alerts/rules/clock-wrong.ts';
import type { ServerState } from '../model/server.ts';
import { doubt, type Finding, good } from './finding.ts';
import type { ServerSettings } from './server-settings.ts';

/** The alert's own condition, asked once. */
export function clock(state: ServerState): Finding {
  const { status, evidence } = clockWrong(state);
  return status === 'false'
    ? good('clock', evidence)
    : doubt('clock', evidence, status === 'true' ? 'run an NTP client on its host' : null);
}

export function zoneOf(settings: ServerSettings): string {
  const zone = settings.get('time_zone');
  return zone === 'SYSTEM' || zone === '' ? settings.get('system_time_zone') : zone;
}

/** Lockstep compares in UTC; what applications and statements make of "now" does not. */
export function timeZones(source: ServerSettings, target: ServerSettings): Finding {
  const [here, there] = [zoneOf(source), zoneOf(target)];
  if (here === there) return good('time zone', `both are in ${here}`);
  return doubt(
    'time zone',
    `the source is in ${here}, the target in ${there}: the check is not misled, but applications read TIMESTAMPs differently`,
    'one default_time_zone for both',
  );
}
