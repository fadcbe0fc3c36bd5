/**
 * Alerts are counted by all that they are filtered by, without reading them. It leads with what no filter is equal to,
 * so that pages go on in the order of their own index.
 */
export const alertCount = 'CREATE INDEX alert_count ON alert (resolved_at, fired_at, state, severity, pair);';
