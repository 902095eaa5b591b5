-- A table is read as it is in a snapshot, wherever a table may be read, beside the table as it is now.
-- source: c_SELECT_synopsis

CREATE TABLE orders (id int IDENTITY(1, 1) DISTKEY, item varchar(10) SORTKEY, code char(4), paid decimal(8, 2));
INSERT INTO orders (item, code, paid) VALUES ('oar', 'a', 1.50), ('sail', 'b', 20), ('mast', 'c', NULL);
CREATE TABLE kept_out (a int) BACKUP NO;
CREATE TABLE again AS SELECT 1 AS secret;
CREATE VIEW unpaid AS SELECT item FROM orders WHERE paid IS NULL;
CREATE SNAPSHOT "as-of-first";
DELETE FROM orders WHERE item = 'oar';
UPDATE orders SET paid = 21 WHERE item IN ('sail', 'mast');
INSERT INTO orders (item, code) VALUES ('keel', 'd');
DROP TABLE again;
CREATE TABLE again AS SELECT 2 AS secret;

SELECT item, code, paid FROM orders FOR VERSION AS OF 'as-of-first' ORDER BY item;
--> item:varchar(10) | code:char(4) | paid:numeric(8,2)
--> mast | 'c   ' | NULL
--> oar | 'a   ' | 1.50
--> sail | 'b   ' | 20.00
SELECT item FROM orders EXCEPT SELECT item FROM orders FOR VERSION AS OF 'as-of-first';
--> item:varchar(10)
--> keel
SELECT item FROM orders FOR SYSTEM_VERSION AS OF 'AS-OF-' || 'FIRST' AS was WHERE was.item NOT IN (SELECT item FROM orders);
--> item:varchar(10)
--> oar
SELECT item, was.paid AS was, now.paid AS now FROM orders AS now JOIN orders FOR VERSION AS OF 'as-of-first' AS was USING (item) ORDER BY 1;
--> item:varchar(10) | was:numeric(8,2) | now:numeric(8,2)
--> mast | NULL | 21.00
--> sail | 20.00 | 21.00
SELECT item, (SELECT count(*) FROM unpaid) AS now FROM unpaid FOR VERSION AS OF 'as-of-first';
--> item:varchar(10) | now:int8
--> mast | 1
WITH was AS (SELECT * FROM orders FOR VERSION AS OF 'as-of-first') SELECT count(*), sum(paid) FROM was;
--> count:int8 | sum:numeric(38,2)
--> 3 | 21.50

-- Its columns and its name may have been others.
DROP VIEW unpaid;
ALTER TABLE orders DROP COLUMN code;
ALTER TABLE orders RENAME COLUMN paid TO price;
ALTER TABLE orders ADD COLUMN later int;
ALTER TABLE orders RENAME TO bought;
SELECT item, code, paid FROM bought FOR VERSION AS OF 'as-of-first' WHERE code LIKE 'a%';
--> item:varchar(10) | code:char(4) | paid:numeric(8,2)
--> oar | 'a   ' | 1.50
SELECT later FROM bought FOR VERSION AS OF 'as-of-first';
--> ERROR 42703 at 8: column "later" does not exist in bought
SELECT count(*) FROM orders FOR VERSION AS OF 'as-of-first';
--> ERROR 42P01 at 22: relation "orders" does not exist
SELECT secret FROM again FOR VERSION AS OF 'as-of-first';
--> ERROR 42P01 at 20: relation "again" did not exist in snapshot "as-of-first"
SELECT count(*) FROM kept_out FOR VERSION AS OF 'as-of-first';
--> ERROR 0A000 at 22: table "kept_out" has BACKUP NO: snapshots do not bring it back

-- Into other tables, by prepared statements, cursors and EXPLAIN.
CREATE TABLE brought AS SELECT item, paid FROM bought FOR VERSION AS OF 'as-of-first' WHERE paid > 0;
INSERT INTO brought SELECT item, paid FROM bought FOR VERSION AS OF 'as-of-first' WHERE paid IS NULL;
UPDATE bought SET price = was.paid FROM bought FOR VERSION AS OF 'as-of-first' AS was WHERE bought.item = was.item;
DELETE FROM brought USING bought FOR VERSION AS OF 'as-of-first' AS was WHERE brought.item = was.item AND was.paid > 10;
MERGE INTO brought USING bought FOR VERSION AS OF 'as-of-first' AS was ON brought.item = was.item WHEN MATCHED THEN UPDATE SET paid = 7 WHEN NOT MATCHED THEN INSERT VALUES (was.item, was.paid);
SELECT * FROM brought ORDER BY item;
--> item:varchar(10) | paid:numeric(8,2)
--> mast | 7.00
--> oar | 7.00
--> sail | 20.00
SELECT item, price FROM bought ORDER BY item;
--> item:varchar(10) | price:numeric(8,2)
--> keel | NULL
--> mast | NULL
--> sail | 20.00
UNLOAD ('SELECT item, paid FROM bought FOR VERSION AS OF ''as-of-first'' ORDER BY item') TO 'as_of/unloaded_' PARALLEL OFF CLEANPATH;
--> INFO: UNLOAD completed, 3 record(s) unloaded successfully.
--> UNLOAD
PREPARE since AS SELECT count(*) FROM bought FOR VERSION AS OF $1 WHERE item > $2;
EXECUTE since ('as-of-first', 'n');
--> count:int8
--> 2
EXECUTE since ('as-of-second', 'n');
--> ERROR 42704: snapshot "as-of-second" does not exist
DEALLOCATE since;
BEGIN;
DECLARE c CURSOR FOR SELECT item FROM bought FOR VERSION AS OF 'as-of-first' ORDER BY item;
FETCH 2 FROM c;
--> item:varchar(10)
--> mast
--> oar
DELETE FROM bought;
FETCH 2 FROM c;
--> item:varchar(10)
--> sail
COMMIT;
CREATE VIEW was AS SELECT count(*) AS n FROM bought FOR VERSION AS OF 'as-of-first';
SELECT n FROM was;
--> n:int8
--> 3
EXPLAIN SELECT item FROM bought FOR VERSION AS OF 'as-of-first';
--> QUERY PLAN:varchar
--> XN Seq Scan…
--> …Table: …orders…
--> …bought: as of snapshot "as-of-first"

-- What cannot be read, and what a snapshot would not have.
INSERT INTO brought VALUES ('oar', 1); CREATE SNAPSHOT "as-of-second";
--> INSERT 0 1
--> ERROR 25001: CREATE SNAPSHOT cannot follow changes in one string: it has what is committed
CREATE MATERIALIZED VIEW mv AS SELECT item FROM bought FOR VERSION AS OF 'as-of-first';
--> ERROR 0A000: materialized views cannot stand on tables AS OF a moment: they stay as they are
SELECT count(*) FROM pg_class FOR VERSION AS OF 'as-of-first';
--> ERROR 0A000 at 22: AS OF is not supported for "pg_class": only tables of the warehouse have a history
SELECT count(*) FROM bought FOR VERSION AS OF first;
--> ERROR 42703 at 47: column "first" does not exist
SELECT count(*) FROM bought FOR VERSION AS OF NULL;
--> ERROR 22023 at 22: the moment in AS OF is NULL
SELECT count(*) FROM bought FOR VERSION AS OF 'nowhere';
--> ERROR 42704 at 22: snapshot "nowhere" does not exist
SELECT count(*) FROM bought FOR VERSION AS OF '12';
--> ERROR 42704 at 22: snapshot "12" does not exist
SELECT count(*) FROM bought FOR VERSION AS OF (SELECT 'as-of-first');
--> ERROR 0A000 at 22: a query in AS OF is not supported
CREATE TEMPORARY TABLE fleeting (a int);
SELECT count(*) FROM fleeting FOR VERSION AS OF 'as-of-first';
--> ERROR 0A000 at 22: AS OF is not supported for "fleeting": only tables of the warehouse have a history
DROP SNAPSHOT "as-of-first";
SELECT n FROM was;
--> ERROR 42704 at 15: snapshot "as-of-first" does not exist
