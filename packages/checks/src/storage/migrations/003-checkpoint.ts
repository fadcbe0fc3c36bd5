/** What is needed to go on with a run that is cut off; NULL once it is over. */
export const checkpoint = `
  CREATE TABLE checkpoint (
    run_id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    body TEXT
  ) STRICT;
  CREATE INDEX checkpoint_by_age ON checkpoint (at);
`;
