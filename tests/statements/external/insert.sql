-- INSERT into an external table adds files and partitions, and belongs to the transaction.
-- source: r_INSERT_external_table

CREATE TABLE src (id integer, name varchar(20), amount numeric(8,2), ok boolean, ts timestamp, d date);
INSERT INTO src VALUES (1, 'a', 1.50, true, '2020-01-01 10:00:00.5', '2020-01-01'), (2, 'b,"x"', 2.25, false, NULL, '2020-01-02'), (3, NULL, NULL, NULL, '2021-01-01', '2020-01-02');
CREATE EXTERNAL SCHEMA lk_insert FROM DATA CATALOG DATABASE 'lk_insert' CREATE EXTERNAL DATABASE IF NOT EXISTS;
CREATE EXTERNAL TABLE lk_insert.parted (id integer, name varchar(20), amount numeric(8,2), ok boolean, ts timestamp) PARTITIONED BY (d date) STORED AS PARQUET LOCATION 'statements_insert/parted/';
INSERT INTO lk_insert.parted SELECT * FROM src;
--> INSERT 0 3
INSERT INTO lk_insert.parted SELECT id + 10, name, amount, ok, ts, d + 1 FROM src WHERE id > 1;
--> INSERT 0 2
SELECT * FROM lk_insert.parted ORDER BY id;
--> id:int4 | name:varchar(20) | amount:numeric(8,2) | ok:bool | ts:timestamp | d:date
--> 1 | a | 1.50 | t | 2020-01-01 10:00:00.5 | 2020-01-01
--> 2 | b,"x" | 2.25 | f | NULL | 2020-01-02
--> 3 | NULL | NULL | NULL | 2021-01-01 00:00:00 | 2020-01-02
--> 12 | b,"x" | 2.25 | f | NULL | 2020-01-03
--> 13 | NULL | NULL | NULL | 2021-01-01 00:00:00 | 2020-01-03
SELECT "values" FROM svv_external_partitions WHERE schemaname = 'lk_insert' ORDER BY 1;
--> values:varchar
--> ["2020-01-01"]
--> ["2020-01-02"]
--> ["2020-01-03"]
INSERT INTO lk_insert.parted (id) VALUES (99);
--> INSERT 0 1
SELECT id, name, d FROM lk_insert.parted WHERE d IS NULL;
--> id:int4 | name:varchar(20) | d:date
--> 99 | NULL | NULL
BEGIN;
INSERT INTO lk_insert.parted VALUES (200, 'x', 0, true, NULL, '2030-01-01');
SELECT count(*) FROM lk_insert.parted WHERE d = '2030-01-01';
--> count:int8
--> 1
ROLLBACK;
SELECT count(*) FROM lk_insert.parted WHERE d = '2030-01-01';
--> count:int8
--> 0
INSERT INTO lk_insert.parted SELECT 1, 'way too long for this column', 0, true, NULL, '2020-01-01';
--> ERROR 22001: value too long for type character varying(20)
INSERT INTO lk_insert.parted SELECT id FROM src WHERE nothing = 1;
--> ERROR 42703 at 55: column "nothing" does not exist in src
UPDATE lk_insert.parted SET id = 1;
--> ERROR 42809 at 8: cannot change "parted": it is an external table
CREATE EXTERNAL TABLE lk_insert.logs (line varchar(200)) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' WITH SERDEPROPERTIES ('input.regex' = '(.*)') STORED AS TEXTFILE LOCATION 'statements_insert/logs/';
INSERT INTO lk_insert.logs VALUES ('x');
--> ERROR 0A000: external table "logs" cannot be written: its format is only read
CREATE EXTERNAL TABLE lk_insert.piped (id integer, name varchar(20)) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS TEXTFILE LOCATION 'statements_insert/piped/';
INSERT INTO lk_insert.piped VALUES (1, 'plain'), (2, NULL);
--> INSERT 0 2
INSERT INTO lk_insert.piped VALUES (3, 'a|b');
--> ERROR 22P04: a value of column "name" would not be read back as it is: a|b
SELECT * FROM lk_insert.piped ORDER BY id;
--> id:int4 | name:varchar(20)
--> 1 | plain
--> 2 | NULL
SELECT count(*), count(b.id) AS others FROM (lk_insert.piped a LEFT JOIN lk_insert.piped b ON b.id = a.id + 1);
--> count:int8 | others:int8
--> 2 | 1
DROP SCHEMA lk_insert DROP EXTERNAL DATABASE CASCADE;
