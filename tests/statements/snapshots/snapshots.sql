-- A snapshot keeps every table as it is; a table comes back from it under another name, or its own when it is gone.
-- source: cluster-mgmt

CREATE TABLE orders (id int IDENTITY(5, 5), item varchar(20) DEFAULT 'none' NOT NULL, at time, price decimal(10, 2));
INSERT INTO orders (item, at, price) VALUES ('oar', '10:11:12.5', 1.50), ('sail', NULL, 200);
CREATE SNAPSHOT "script-one" RETENTION 3 DAYS;
--> CREATE SNAPSHOT

CREATE SNAPSHOT "script-one";
--> ERROR 42710: snapshot "script-one" already exists
DELETE FROM orders WHERE item = 'oar';
INSERT INTO orders (item) VALUES ('mast');
ALTER TABLE orders DROP COLUMN price;

RESTORE TABLE orders FROM SNAPSHOT "script-one";
--> ERROR 42P07: relation "orders" already exists
RESTORE TABLE orders FROM SNAPSHOT "script-one" AS before_all;
--> RESTORE TABLE
SELECT item, at, price FROM before_all ORDER BY item;
--> item:varchar(20) | at:time | price:numeric(10,2)
--> oar | 10:11:12.5 | 1.50
--> sail | NULL | 200.00
SELECT count(*) FROM orders;
--> count:int8
--> 2

-- Its columns are what they were, and its numbers go on.
SELECT "column", type, "notnull" FROM pg_table_def WHERE tablename = 'before_all' ORDER BY 1;
--> column:name | type:varchar | notnull:bool
--> at | time without time zone | f
--> id | integer | t
--> item | character varying(20) | t
--> price | numeric(10,2) | f
INSERT INTO before_all (price) VALUES (3);
SELECT item, count(*), count(DISTINCT id) AS numbers FROM before_all GROUP BY item HAVING min(price) = 3;
--> item:varchar(20) | count:int8 | numbers:int8
--> none | 1 | 1
SELECT count(DISTINCT id), min(id) >= 5, min(id % 5) + max(id % 5) AS odd FROM before_all;
--> count:int8 | ?column?:bool | odd:int4
--> 3 | t | 0

DROP TABLE orders;
RESTORE TABLE orders FROM SNAPSHOT "script-one";
--> RESTORE TABLE
SELECT count(*) FROM orders;
--> count:int8
--> 2
INSERT INTO orders (price) VALUES (4);
SELECT count(DISTINCT id) FROM orders;
--> count:int8
--> 3

RESTORE TABLE nowhere FROM SNAPSHOT "script-one";
--> ERROR 42P01: snapshot "script-one" has no table …
RESTORE TABLE orders FROM SNAPSHOT other;
--> ERROR 42704: snapshot "other" does not exist
SELECT snapshot_type, status, retention_days, remaining_days FROM svv_snapshots WHERE snapshot_identifier = 'script-one';
--> snapshot_type:varchar(16) | status:varchar(16) | retention_days:int4 | remaining_days:int4
--> manual | available | 3 | 3
SELECT status, message, source_table_name, new_table_name, rows FROM svv_table_restore_status WHERE snapshot_identifier IN ('script-one', 'other') ORDER BY request_time;
--> status:varchar(16) | message:varchar(1024) | source_table_name:varchar(128) | new_table_name:varchar(128) | rows:int8
--> FAILED | relation "orders" already exists | orders | orders | NULL
--> SUCCEEDED | NULL | orders | before_all | 2
--> SUCCEEDED | NULL | orders | orders | 2
--> FAILED | snapshot "script-one" has no table … | nowhere | nowhere | NULL
--> FAILED | snapshot "other" does not exist | orders | orders | NULL

-- In a block, a table comes back with the block.
BEGIN;
RESTORE TABLE orders FROM SNAPSHOT "script-one" AS again;
--> RESTORE TABLE
SELECT count(*) FROM again;
--> count:int8
--> 2
ROLLBACK;
SELECT count(*) FROM again;
--> ERROR 42P01 at 22: relation "again" does not exist
BEGIN;
CREATE SNAPSHOT "in-block";
--> ERROR 25001: CREATE SNAPSHOT cannot run inside a transaction block
ROLLBACK;

DROP SNAPSHOT "script-one";
--> DROP SNAPSHOT
DROP SNAPSHOT "script-one";
--> ERROR 42704: snapshot "script-one" does not exist
DROP SNAPSHOT IF EXISTS "script-one";
--> NOTICE: snapshot "script-one" does not exist, skipping
--> DROP SNAPSHOT
RESTORE TABLE orders FROM SNAPSHOT "script-one" AS gone;
--> ERROR 42704: snapshot "script-one" does not exist

CREATE SNAPSHOT "two--hyphens";
--> ERROR 22023 at 17: "two--hyphens" is not a name for a snapshot
CREATE SNAPSHOT kept RETENTION 0 DAYS;
--> ERROR 22023 at 32: a snapshot cannot be kept for 0 days
