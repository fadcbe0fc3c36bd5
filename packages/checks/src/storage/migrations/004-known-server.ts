/** Which server answered under each name, so that another one is noticed over a restart. */
export const knownServer = `
  CREATE TABLE known_server (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL
  ) STRICT;
`;
