/** The shop's schema. Column types are chosen to be those that comparisons tend to get wrong. */
export const tables = `
CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE TABLE shop.customers (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(80) NOT NULL,
  email VARCHAR(120) NOT NULL UNIQUE,
  city VARCHAR(60) NULL,
  credit DECIMAL(10,2) NOT NULL DEFAULT 0,
  joined_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE shop.products (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  title VARCHAR(120) NOT NULL,
  price DECIMAL(8,2) NOT NULL,
  weight FLOAT NOT NULL,
  stock INT NOT NULL,
  details JSON NULL
);
CREATE TABLE shop.orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id INT UNSIGNED NOT NULL,
  product_id INT UNSIGNED NOT NULL,
  quantity SMALLINT UNSIGNED NOT NULL,
  total DECIMAL(10,2) NOT NULL,
  status ENUM('new', 'paid', 'packed', 'shipped', 'refused') NOT NULL DEFAULT 'new',
  note VARCHAR(200) NULL,
  placed_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  KEY (customer_id)
);
`;

/** Ids up to here are written when the shop is filled and never again: cold rows, where differences can be planted. */
export const cold = { customers: 500, orders: 2000 };

/** How many there are in all; orders come and go, customers and products stay. */
export const size = { customers: 800, products: 200, orders: 3000 };

/** The one row that changes all the time. */
export const hotProduct = 1;
