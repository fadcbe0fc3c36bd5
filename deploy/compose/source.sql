-- Runs once, when the source's data folder is made. It is in the binary log, so the replica gets all of it too.
CREATE USER 'replica'@'%' IDENTIFIED BY 'replica-secret';
GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%';

-- What Lockstep needs: to see replication, and to read what it compares.
CREATE USER 'lockstep'@'%' IDENTIFIED BY 'lockstep-secret';
GRANT SLAVE MONITOR, BINLOG MONITOR ON *.* TO 'lockstep'@'%';
GRANT SELECT ON shop.* TO 'lockstep'@'%';

CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE TABLE shop.orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer VARCHAR(80) NOT NULL,
  total DECIMAL(10, 2) NOT NULL,
  placed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO shop.orders (customer, total) VALUES ('Ada', 12.50), ('Grace', 99.00), ('Edsger', 7.25);
