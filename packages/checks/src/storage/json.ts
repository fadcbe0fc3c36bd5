const INSTANTS = new Set([
  'at',
  'startedAt',
  'finishedAt',
  'foundAfter',
  'firedAt',
  'updatedAt',
  'resolvedAt',
  'silencedUntil',
  'createdAt',
  'endedAt',
  'clearingSince',
  'ownSilenceUntil',
  'from',
  'until',
  'skippedUntil',
]);

/** One of the model's nouns as it is kept in a `body` column; instants are numbers of milliseconds. */
export function toBody(noun: object): string {
  return JSON.stringify(noun, function (this: Record<string, unknown>, key, value: unknown) {
    // JSON hands over a Date as text already; the holder still has the Date.
    const original = this[key];
    return original instanceof Date ? original.getTime() : value;
  });
}

/** Only numbers become dates: a row's key column that happens to be called `at` holds text. */
export function fromBody<Noun>(body: string): Noun {
  return JSON.parse(body, (key, value: unknown) =>
    typeof value === 'number' && INSTANTS.has(key) ? new Date(value) : value,
  ) as Noun;
}
