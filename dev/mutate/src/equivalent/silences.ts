import type { Equivalent } from './equivalent.ts';

export const silences: Equivalent[] = [
  {
    file: 'silences/about.ts',
    was: 'pair === null',
    becomes: 'false',
    why: 'No pair is called null.',
  },
  {
    file: 'silences/silence-book.ts',
    was: 'this.#entries.size === 0',
    becomes: 'false',
    why: 'It only spares asking none.',
  },
  {
    file: 'silences/silence-book.ts',
    was: '!fitting',
    becomes: 'true',
    why: 'It only spares asking anew.',
  },
  {
    file: 'silences/silence-book.ts',
    was: 'this.#fitting.set(alert.fingerprint, fitting);',
    becomes: ';',
    why: 'It only spares asking anew.',
  },
  {
    file: 'silences/silence-book.ts',
    was: 'until === null',
    becomes: 'false',
    why: 'Any time is later than none.',
  },
  {
    file: 'silences/silence-book.ts',
    was: 'activeUntil > until',
    becomes: 'activeUntil >= until',
    why: 'Of two that end together either will do.',
  },
  {
    file: 'silences/silence-book.ts',
    was: '{ this.#fitting.delete(fingerprint); }',
    becomes: '{}',
    why: 'It only spares memory.',
  },
  {
    file: 'silences/silence-book.ts',
    was: 'this.#fitting.delete(fingerprint);',
    becomes: ';',
    why: 'It only spares memory.',
  },
  {
    file: 'silences/silence-book.ts',
    was: 'told?.activeUntil',
    becomes: 'told.activeUntil',
    why: 'What is in the book was told.',
  },
  {
    file: 'silences/silence-book.ts',
    was: 'told?.nextFrom',
    becomes: 'told.nextFrom',
    why: 'What is in the book was told.',
  },
  {
    file: 'silences/times.ts',
    was: '{ activeUntil: null, nextFrom: null }',
    becomes: '{}',
    why: 'Times are reckoned before they are told first.',
  },
  {
    file: 'silences/times.ts',
    was: 'this.#cron?.nextRun',
    becomes: 'this.#cron.nextRun',
    why: 'What recurs has a pattern.',
  },
];
