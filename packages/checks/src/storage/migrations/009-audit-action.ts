/** What was done is asked for, of everybody and of one. */
export const auditAction = `
  ALTER TABLE audit ADD COLUMN action TEXT;
  UPDATE audit SET action = body ->> '$.action' WHERE json_valid(body);
  CREATE INDEX audit_action ON audit (action, at, id);
  CREATE INDEX audit_who_action ON audit (who, action, at, id);
`;
