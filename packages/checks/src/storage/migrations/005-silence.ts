/** What is silenced by a matcher, also what was ended, for as long as that may be taken back. */
export const silence = `
  CREATE TABLE silence (
    id TEXT PRIMARY KEY,
    ended_at INTEGER,
    body TEXT NOT NULL
  ) STRICT;
`;
