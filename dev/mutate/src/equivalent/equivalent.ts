import type { Mutation } from '../mutation.ts';

/** A mutation that changes nothing that a test could notice. */
export interface Equivalent extends Pick<Mutation, 'file' | 'was' | 'becomes'> {
  /** Why nobody can see it, or why it is no harm. */
  why: string;
}
