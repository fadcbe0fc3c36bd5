import type { Mutation } from './mutation.ts';

interface Equivalent extends Pick<Mutation, 'file' | 'was' | 'becomes'> {
  /** Why nobody can see it, or why it is no harm. */
  why: string;
}

/** Mutations that change nothing that a test could notice. */
const equivalent: Equivalent[] = [];

export function isEquivalent({ file, was, becomes }: Mutation): boolean {
  return equivalent.some((each) => file.endsWith(each.file) && each.was === was && each.becomes === becomes);
}
