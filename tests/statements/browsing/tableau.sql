-- What Tableau asks through ODBC and JDBC: settings, schemas, tables by kind, columns, keys; a table of its own; a limited sample.
-- source: c_intro_catalog_views
CREATE TABLE customers (id integer NOT NULL PRIMARY KEY, name varchar(20) DEFAULT 'x', region integer);
CREATE TABLE orders (id bigint IDENTITY(1, 1), customer integer REFERENCES customers (id), price numeric(10,2), at timestamp, stamp timestamptz, ratio float8, body super) DISTKEY (customer) SORTKEY (at);
CREATE VIEW cheap AS SELECT id, price FROM orders WHERE price < 10;
COMMENT ON TABLE orders IS 'what was ordered';
COMMENT ON COLUMN orders.price IS 'in euros';
SET DateStyle = 'ISO';
--> SET
SET extra_float_digits = 2;
--> SET
SHOW transaction_isolation;
--> transaction_isolation:varchar
--> serializable
SELECT current_schema() IS NOT NULL AS schema, current_database() AS database, current_user AS me;
--> schema:bool | database:name | me:name
--> t | dev | admin
SELECT DISTINCT nspname FROM pg_namespace WHERE nspname = current_schema() ORDER BY nspname;
--> nspname:name
--> …
SELECT table_catalog, table_name, CASE table_type WHEN 'BASE TABLE' THEN 'TABLE' ELSE table_type END AS table_type, remarks FROM svv_tables WHERE table_schema = current_schema() ORDER BY 2;
--> table_catalog:varchar(128) | table_name:varchar(128) | table_type:varchar(128) | remarks:varchar
--> dev | cheap | VIEW | NULL
--> dev | customers | TABLE | NULL
--> dev | orders | TABLE | what was ordered
SELECT current_database()::varchar(128) AS table_cat, a.attname::varchar(128) AS column_name, CASE t.typname WHEN 'int4' THEN 4 WHEN 'varchar' THEN 12 WHEN 'int8' THEN -5 WHEN 'numeric' THEN 2 WHEN 'timestamp' THEN 93 WHEN 'timestamptz' THEN 2014 WHEN 'float8' THEN 8 ELSE 1111 END::smallint AS sql_type, t.typname::varchar(20) AS type_name, CASE t.typname WHEN 'numeric' THEN (a.atttypmod - 4) / 65536 WHEN 'varchar' THEN a.atttypmod - 4 END AS size, CASE WHEN a.attnotnull THEN 0 ELSE 1 END AS nullable FROM pg_namespace n INNER JOIN pg_class c ON c.relnamespace = n.oid INNER JOIN pg_attribute a ON a.attrelid = c.oid INNER JOIN pg_type t ON t.oid = a.atttypid WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname LIKE current_schema() AND c.relname LIKE 'orders' ORDER BY a.attnum;
--> table_cat:varchar(128) | column_name:varchar(128) | sql_type:int2 | type_name:varchar(20) | size:int4 | nullable:int4
--> dev | id | -5 | int8 | NULL | 0
--> dev | customer | 4 | int4 | NULL | 1
--> dev | price | 2 | numeric | 10 | 1
--> dev | at | 93 | timestamp | NULL | 1
--> dev | stamp | 2014 | timestamptz | NULL | 1
--> dev | ratio | 8 | float8 | NULL | 1
--> dev | body | 1111 | super | NULL | 1
SELECT ta.attname, ia.attnum, ic.relname, n.nspname = current_schema() AS here FROM pg_attribute ta, pg_attribute ia, pg_class tc, pg_index i, pg_namespace n, pg_class ic WHERE tc.relname = 'customers' AND n.nspname = current_schema() AND tc.oid = i.indrelid AND n.oid = tc.relnamespace AND i.indisprimary AND ia.attrelid = i.indexrelid AND ta.attrelid = i.indrelid AND ta.attnum = i.indkey[ia.attnum - 1] AND NOT ta.attisdropped AND NOT ia.attisdropped AND ic.oid = i.indexrelid ORDER BY ia.attnum;
--> attname:name | attnum:int2 | relname:name | here:bool
--> id | 1 | customers_pkey | t
CREATE LOCAL TEMPORARY TABLE "#tableau_try" ("col" integer);
--> CREATE TABLE
INSERT INTO "#tableau_try" SELECT * FROM (SELECT 1 AS col) AS checktemp LIMIT 1;
--> INSERT 0 1
SELECT "col" FROM "#tableau_try";
--> col:int4
--> 1
DROP TABLE "#tableau_try";
--> DROP TABLE
SELECT TOP 1 1 AS "one" FROM "customers" "customers" HAVING (count(1) >= 0);
--> one:int4
--> 1
SELECT sum("orders"."price") AS "sum:price:ok", date_trunc('QUARTER', "orders"."at") AS "tqr:at:ok" FROM "orders" "orders" GROUP BY 2;
--> sum:price:ok:numeric(38,2) | tqr:at:ok:timestamp
BEGIN;
--> BEGIN
DECLARE "SQL_CUR0x1" CURSOR FOR SELECT id, name FROM customers ORDER BY 1;
--> DECLARE CURSOR
FETCH 100 FROM "SQL_CUR0x1";
--> id:int4 | name:varchar(20)
CLOSE "SQL_CUR0x1";
--> CLOSE CURSOR
COMMIT;
--> COMMIT
