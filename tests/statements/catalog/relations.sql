-- Tables, views and temporary tables are rows of pg_class, their columns rows of pg_attribute, with declared types.
-- source: c_intro_catalog_views

CREATE TABLE orders (id integer NOT NULL, name varchar(20) DEFAULT 'x', price numeric(10,2), day date);
CREATE VIEW cheap AS SELECT id, price FROM orders WHERE price < 10;
CREATE TEMP TABLE scratch (a bigint);
SELECT c.relname, c.relkind, c.relnatts, c.relpersistence FROM pg_class c WHERE c.relname IN ('orders', 'cheap', 'scratch') AND (pg_table_is_visible(c.oid)) AND c.relnamespace IN (current_schema()::regnamespace, 'pg_temp_1'::regnamespace) ORDER BY 1;
--> relname:name | relkind:"char" | relnatts:int2 | relpersistence:"char"
--> cheap | v | 2 | p
--> orders | r | 4 | p
--> scratch | r | 1 | t
SELECT a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type, t.typname, a.attlen, a.atttypmod, a.attnotnull, a.atthasdef FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attrelid = 'orders'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum;
--> attnum:int2 | attname:name | type:text | typname:name | attlen:int2 | atttypmod:int4 | attnotnull:bool | atthasdef:bool
--> 1 | id | integer | int4 | 4 | -1 | t | f
--> 2 | name | character varying(20) | varchar | -1 | 24 | f | t
--> 3 | price | numeric(10,2) | numeric | -1 | 655366 | f | f
--> 4 | day | date | date | 4 | -1 | f | f
SELECT o.name, c.relname FROM (SELECT 'orders' AS name) o JOIN pg_class c ON c.relname = o.name AND c.oid = 'orders'::regclass;
--> name:varchar | relname:name
--> orders | orders
BEGIN;
ALTER TABLE orders ADD COLUMN note varchar(5);
SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass;
--> count:int8
--> 5
ROLLBACK;
SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass;
--> count:int8
--> 4
CREATE TABLE kept AS SELECT 'orders'::regclass::oid AS before;
DROP VIEW cheap;
ALTER TABLE orders RENAME TO old_orders;
SELECT before = 'old_orders'::regclass AS same FROM kept;
--> same:bool
--> t
DROP TABLE scratch;
SELECT count(*) FROM pg_class WHERE relname = 'scratch';
--> count:int8
--> 0
SELECT relname FROM dev.pg_catalog.pg_class WHERE oid = 1259;
--> relname:name
--> pg_class
