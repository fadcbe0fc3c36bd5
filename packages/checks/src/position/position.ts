/**
 * How far a server's data has come. `text` is what the server printed and what evidence shows.
 * `mysql-gtid`: a GTID set, tags included; `mariadb-gtid`: the newest sequence number of each domain;
 * `file`: a place in one server's binlog, comparable only with places in the same server's.
 */
export type Position =
  | { kind: 'mysql-gtid'; text: string }
  | { kind: 'mariadb-gtid'; text: string }
  | { kind: 'file'; text: string; file: string; offset: number };
