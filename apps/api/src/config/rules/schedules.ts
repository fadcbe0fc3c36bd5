import { checkKinds } from '@lockstep/checks';
import type { Finding } from '../explain.ts';
import { getIn, isMap, type Path } from '../path.ts';
import { listAt } from './lookup.ts';

/** An interval or a cron pattern, not both in one place. */
export function oneSchedule(raw: unknown): Finding[] {
  const places: Path[] = [['defaults'], ...listAt(raw, ['pairs']).map((_, index) => ['pairs', index])];
  return places.flatMap((place) =>
    checkKinds.flatMap((check) => {
      const path = [...place, 'checks', check];
      const settings = getIn(raw, path);
      return isMap(settings) && settings['every'] !== undefined && settings['cron'] !== undefined
        ? { path: [...path, 'cron'], message: 'expected every or cron, found both' }
        : [];
    }),
  );
}
