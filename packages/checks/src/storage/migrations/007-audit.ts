/** Who did what, for as long as the configuration says. */
export const audit = `
  CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_at ON audit (at, id);
  CREATE INDEX audit_who ON audit (who, at, id);
`;
