/** Who signed in on the page, so that a restart signs nobody out; what is here signs nobody in. */
export const session = `
  CREATE TABLE session (
    hash TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    bound TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
`;
