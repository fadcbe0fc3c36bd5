/**
 * The order of a page of alerts holds all that they are filtered by: what a filter passes over is not read, and one
 * that fits nothing reads no alert.
 */
export const alertOrder = `
  DROP INDEX alert_by_start;
  CREATE INDEX alert_by_start ON alert (started_at, id, resolved_at, fired_at, state, severity, pair);
`;
