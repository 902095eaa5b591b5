-- ALTER TABLE changes the columns, name, format and properties of an external table, and its partitions.
-- source: r_ALTER_TABLE_external-table

CREATE EXTERNAL SCHEMA lk_alter FROM DATA CATALOG DATABASE 'lk_alter' CREATE EXTERNAL DATABASE IF NOT EXISTS;
CREATE EXTERNAL TABLE lk_alter.t (id integer, name varchar(20)) PARTITIONED BY (d date) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS TEXTFILE LOCATION 'statements_alter/t/';
INSERT INTO lk_alter.t VALUES (1, 'one', '2020-01-01'), (2, 'two', '2020-01-02'), (3, 'three', '2020-01-03');
ALTER TABLE lk_alter.t ADD COLUMN extra integer;
--> ALTER TABLE
SELECT id, name, extra FROM lk_alter.t WHERE d = '2020-01-01';
--> id:int4 | name:varchar(20) | extra:int4
--> 1 | one | NULL
ALTER TABLE lk_alter.t RENAME COLUMN extra TO more;
--> ALTER TABLE
SELECT columnname, external_type, columnnum, part_key FROM svv_external_columns WHERE schemaname = 'lk_alter' ORDER BY columnnum;
--> columnname:varchar(128) | external_type:varchar | columnnum:int4 | part_key:int4
--> id | integer | 1 | 0
--> name | character varying(20) | 2 | 0
--> more | integer | 3 | 0
--> d | date | 4 | 1
ALTER TABLE lk_alter.t DROP COLUMN more;
--> ALTER TABLE
ALTER TABLE lk_alter.t ADD COLUMN name varchar(5);
--> ERROR 42701: column "name" of relation "t" already exists
ALTER TABLE lk_alter.t DROP COLUMN d;
--> ERROR 42P16: column "d" is part of the partition key of "t"
ALTER TABLE lk_alter.t DROP COLUMN nothing;
--> ERROR 42703: column "nothing" of relation "t" does not exist
ALTER TABLE lk_alter.t ADD COLUMN counted integer NOT NULL;
--> ERROR 42P16: a column of an external table has a name and a type only
ALTER TABLE lk_alter.t ALTER DISTSTYLE ALL;
--> ERROR 0A000: ALTER TABLE ATTRIBUTES is not supported for external tables
ALTER TABLE lk_alter.t DROP PARTITION (d='2020-01-01'), PARTITION (d='2020-01-02');
--> ALTER TABLE
SELECT id FROM lk_alter.t;
--> id:int4
--> 3
ALTER TABLE lk_alter.t DROP PARTITION (d='2020-01-01');
--> ERROR 42704: partition (d='2020-01-01') of "t" does not exist
ALTER TABLE lk_alter.t DROP IF EXISTS PARTITION (d='2020-01-01');
--> ALTER TABLE
ALTER TABLE lk_alter.t ADD IF NOT EXISTS PARTITION (d='2020-01-03') LOCATION 'statements_alter/t/d=2020-01-03/' PARTITION (d='2020-01-01') LOCATION 'statements_alter/t/d=2020-01-01/';
--> ALTER TABLE
ALTER TABLE lk_alter.t RENAME TO u;
--> ALTER TABLE
SELECT id, d FROM lk_alter.u ORDER BY id;
--> id:int4 | d:date
--> 1 | 2020-01-01
--> 3 | 2020-01-03
SELECT id FROM lk_alter.t;
--> ERROR 42P01 at 16: relation "lk_alter.t" does not exist
ALTER TABLE lk_alter.u SET TABLE PROPERTIES ('skip.header.line.count'='1', 'numRows'='5');
--> ALTER TABLE
SELECT id FROM lk_alter.u;
--> id:int4
ALTER TABLE lk_alter.u SET TABLE PROPERTIES ('skip.header.line.count'='none');
--> ERROR 22023: skip.header.line.count must be a number, not none
ALTER TABLE lk_alter.u SET FILE FORMAT PARQUET;
--> ALTER TABLE
SHOW EXTERNAL TABLE lk_alter.u;
--> Show External Table DDL statement:varchar
--> …STORED AS PARQUET…
ALTER TABLE lk_alter.u SET FILE FORMAT RCFILE;
--> ERROR 0A000: STORED AS RCFILE is not supported
BEGIN;
ALTER TABLE lk_alter.u RENAME TO v;
ROLLBACK;
SELECT count(*) FROM svv_external_partitions WHERE schemaname = 'lk_alter' AND tablename = 'u';
--> count:int8
--> 2
DROP SCHEMA lk_alter DROP EXTERNAL DATABASE CASCADE;
