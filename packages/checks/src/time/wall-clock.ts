const clocks = new Map<string | null, Intl.DateTimeFormat>();

/** Minutes since midnight that a clock shows there; null: in the time zone of the process. `at`: ms since 1970. */
export function wallClock(at: number, timeZone: string | null): number {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      ...(timeZone !== null && { timeZone }),
    });
    clocks.set(timeZone, clock);
  }
  const [hours, minutes] = clock.format(at).split(':').map(Number);
  return hours! * 60 + minutes!;
}
