import { type Finding, show } from '../explain.ts';
import { isLoopback } from '../loopback.ts';
import { getIn } from '../path.ts';

/** Whoever opens the service to the network says who may use it, or that everybody may. */
export function openHost(raw: unknown): Finding[] {
  const host = getIn(raw, ['http', 'host']);
  if (typeof host !== 'string' || host === '' || isLoopback(host)) return [];
  if (getIn(raw, ['http', 'auth']) !== undefined) return [];
  return [
    {
      path: ['http', 'host'],
      message: `expected http.auth with tokens, because ${show(host)} can be reached from other machines (or auth: none, to let everybody in), found no http.auth`,
    },
  ];
}
