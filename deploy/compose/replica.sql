-- Runs once, when the replica's data folder is made, on a server that is not reachable yet; replication starts with the
-- next start of the server, which follows at once.
CHANGE MASTER TO
  MASTER_HOST = 'source',
  MASTER_USER = 'replica',
  MASTER_PASSWORD = 'replica-secret',
  MASTER_USE_GTID = slave_pos,
  MASTER_CONNECT_RETRY = 1;
