-- Bound views follow what they stand on to its new name, as dbt's swap of tables needs it; late-binding views do not.
-- source: r_ALTER_TABLE

CREATE TABLE orders (id integer, name varchar(10));
INSERT INTO orders VALUES (1, 'old');
CREATE VIEW named AS SELECT orders.id, o.name FROM orders JOIN orders o ON o.id = orders.id;
CREATE VIEW above AS WITH orders AS (SELECT id + 1 AS id FROM named) SELECT id FROM orders;
CREATE VIEW late AS SELECT id FROM orders WITH NO SCHEMA BINDING;
CREATE TABLE orders_new AS SELECT 2 AS id, 'new'::varchar(10) AS name;
ALTER TABLE orders RENAME TO orders_old;
--> ALTER TABLE
ALTER TABLE orders_new RENAME TO orders;
--> ALTER TABLE
SELECT * FROM named;
--> id:int4 | name:varchar(10)
--> 1 | old
SELECT * FROM above;
--> id:int4
--> 2
SELECT * FROM late;
--> id:int4
--> 2
ALTER TABLE named RENAME TO "Renamed View";
--> ALTER TABLE
SELECT * FROM above;
--> id:int4
--> 2
DROP TABLE orders_old;
--> ERROR 2BP01: cannot drop table orders_old because other objects depend on it
DROP TABLE orders_old CASCADE;
--> DROP TABLE
SELECT * FROM above;
--> ERROR 42P01 at 15: relation "above" does not exist
SELECT * FROM late;
--> id:int4
--> 2
CREATE TABLE base (id integer);
CREATE MATERIALIZED VIEW mv AS SELECT id FROM base;
ALTER TABLE base RENAME TO foundation;
INSERT INTO foundation VALUES (1);
REFRESH MATERIALIZED VIEW mv;
SELECT * FROM mv;
--> id:int4
--> 1
