import { userInfo } from 'node:os';
import { linkTo } from '../notify/link-to.ts';
import { makeDestination } from '../notify/make-destination.ts';
import { PairLabels } from '../notify/pair-labels.ts';
import { sendTest } from '../notify/send-test.ts';
import { printable } from '../printable.ts';
import { loadOrExplain } from './configuration.ts';
import { EXIT } from './exit-code.ts';
import { type Io, UsageError } from './io.ts';

export interface NotifyTestOptions {
  config?: string;
}

/** `lockstep notify test`: whether messages arrive, without a service that runs. One line a destination. */
export async function notifyTest(
  names: readonly string[],
  options: NotifyTestOptions,
  io: Io,
): Promise<number> {
  const { engine, http, notifications } = loadOrExplain(options.config, io);
  const unknown = names.find((name) => !notifications.some((known) => known.name === name));
  if (unknown !== undefined) {
    const known = notifications.map(({ name }) => name).join(', ') || 'none';
    throw new UsageError(`there is no destination "${unknown}" under notifications (known: ${known})`);
  }
  const chosen = notifications.filter(({ name }) => names.length === 0 || names.includes(name));
  if (chosen.length === 0) throw new UsageError('notifications is empty in the configuration');
  const link = http.publicUrl === undefined ? null : linkTo(http.publicUrl, []);
  const { of: labelsOf } = new PairLabels(engine);
  const destinations = chosen.map((config) => makeDestination(config, labelsOf));
  const { signal } = new AbortController();
  const told = await Promise.all(destinations.map((one) => sendTest(one, person(io), link, signal)));
  for (const { name, ok, message } of told) {
    io.stdout.write(`${ok ? '✓' : '✕'} ${printable(name)}: ${printable(message)}\n`);
  }
  return told.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
}

/** Who asks, as this machine knows it. */
function person({ env }: Pick<Io, 'env'>): string {
  try {
    return userInfo().username;
  } catch {
    return env['USER'] ?? 'somebody';
  }
}
