import type { Mutation } from './mutation.ts';

interface Equivalent extends Pick<Mutation, 'file' | 'was' | 'becomes'> {
  /** Why nobody can see it, or why it is no harm. */
  why: string;
}

/** Mutations that change nothing that a test could notice. */
const equivalent: Equivalent[] = [
  {
    file: 'lag/pair-state.ts',
    was: '[]',
    becomes: '["Stryker was here"]',
    why: 'What has no state is in none of the states that are sought.',
  },
  {
    file: 'lag/pair-state.ts',
    was: 'atMostMs !== null',
    becomes: 'true',
    why: 'Null counts as 0, which is never larger than a lag and what it is known to within.',
  },
  {
    file: 'lag/pair-state.ts',
    was: 'lag?.method',
    becomes: 'lag.method',
    why: 'Bounds are of a lag: without one the function has ended.',
  },
  {
    file: 'lag/pair-state.ts',
    was: "case 'unknown': return null;",
    becomes: "case 'unknown':",
    why: 'It is the last case, and nothing at all is as good as null to whoever asks.',
  },
  {
    file: 'settle/hot-rows.ts',
    was: 'keys.length === 0',
    becomes: 'false',
    why: 'It only spares a loop that does nothing without keys.',
  },
];

export function isEquivalent({ file, was, becomes }: Mutation): boolean {
  return equivalent.some((each) => file.endsWith(each.file) && each.was === was && each.becomes === becomes);
}
