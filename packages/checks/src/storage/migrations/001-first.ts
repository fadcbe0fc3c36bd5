/**
 * Instants are integer milliseconds since 1970; `body` is the whole noun as JSON, the columns are what is asked for.
 */
export const first = `
  CREATE TABLE pair (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  -- Known samples only: what was unknown is a gap.
  CREATE TABLE lag (
    pair_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    ms REAL NOT NULL,
    PRIMARY KEY (pair_id, at)
  ) STRICT, WITHOUT ROWID;

  -- minute: whole minutes since 1970.
  CREATE TABLE lag_minute (
    pair_id INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    min_ms REAL NOT NULL,
    max_ms REAL NOT NULL,
    sum_ms REAL NOT NULL,
    samples INTEGER NOT NULL,
    PRIMARY KEY (pair_id, minute)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE event (
    id TEXT PRIMARY KEY,
    pair TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX event_by_pair ON event (pair, at);
  CREATE INDEX event_by_age ON event (at);

  CREATE TABLE run (
    id TEXT PRIMARY KEY,
    pair TEXT NOT NULL,
    check_kind TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX run_by_start ON run (started_at, id);
  CREATE INDEX run_by_pair ON run (pair, started_at, id);

  -- The latest result of each table, and its listed rows.
  CREATE TABLE result (
    pair TEXT NOT NULL,
    check_kind TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    finished_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (pair, check_kind, schema_name, table_name)
  ) STRICT;
  CREATE INDEX result_by_age ON result (finished_at);

  CREATE TABLE difference (
    pair TEXT NOT NULL,
    check_kind TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    seq INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (pair, check_kind, schema_name, table_name, seq)
  ) STRICT;

  -- What became of a table in each run.
  CREATE TABLE result_line (
    pair TEXT NOT NULL,
    check_kind TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    finished_at INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (pair, check_kind, schema_name, table_name, finished_at, run_id)
  ) STRICT;
  CREATE INDEX result_line_by_age ON result_line (finished_at);

  CREATE TABLE alert (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    severity TEXT NOT NULL,
    pair TEXT,
    started_at INTEGER NOT NULL,
    fired_at INTEGER,
    resolved_at INTEGER,
    silenced_until INTEGER,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alert_by_start ON alert (started_at, id);
  CREATE INDEX alert_by_end ON alert (resolved_at);

  CREATE TABLE pause (
    pair TEXT PRIMARY KEY,
    paused INTEGER NOT NULL
  ) STRICT;
`;
