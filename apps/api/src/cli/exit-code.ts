/** What the program's exit tells whoever started it. */
export const EXIT = {
  ok: 0,
  /**
   * `check`: a difference, a schema difference or a missing table. `serve`: the program failed. `config check`: the
   * configuration is sound, but the history could not be kept.
   */
  different: 1,
  failed: 1,
  /** `check`: nothing is different, but not everything could be verified. */
  unverified: 2,
  /** Bad configuration or bad usage, or all is well and what says so cannot be written. */
  usage: 3,
} as const;
