/** The outbox of notifications: what waits has no end yet. */
export const deliveries = `
  CREATE TABLE delivery (
    key TEXT NOT NULL,
    destination TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (key, destination)
  ) STRICT;
  CREATE INDEX delivery_by_alert ON delivery (alert_id);
  CREATE INDEX delivery_by_end ON delivery (ended_at);
`;
