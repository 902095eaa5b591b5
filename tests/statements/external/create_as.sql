-- CREATE EXTERNAL TABLE AS writes the query's rows and makes the table that shows them.
-- source: r_CREATE_EXTERNAL_TABLE

CREATE EXTERNAL SCHEMA lk_as FROM DATA CATALOG DATABASE 'lk_as' CREATE EXTERNAL DATABASE IF NOT EXISTS;
CREATE TABLE src (id integer, city varchar(20), sold date);
INSERT INTO src VALUES (1, 'Bergen', '2020-01-01'), (2, 'Oslo', '2020-01-01'), (3, 'Bergen', '2020-01-02');
CREATE EXTERNAL TABLE lk_as.sold PARTITIONED BY (sold) STORED AS PARQUET LOCATION 'statements_as/sold/' AS SELECT id, city, 'n' AS note, sold FROM src;
--> CREATE EXTERNAL TABLE
SELECT * FROM lk_as.sold WHERE sold = '2020-01-01' ORDER BY id;
--> id:int4 | city:varchar(20) | note:varchar | sold:date
--> 1 | Bergen | n | 2020-01-01
--> 2 | Oslo | n | 2020-01-01
CREATE EXTERNAL TABLE IF NOT EXISTS lk_as.sold STORED AS PARQUET LOCATION 'statements_as/sold/' AS SELECT 1 AS one;
--> CREATE EXTERNAL TABLE
CREATE EXTERNAL TABLE lk_as.piped ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS TEXTFILE LOCATION 'statements_as/piped' AS SELECT city, count(*) AS n FROM src GROUP BY city;
SELECT * FROM lk_as.piped ORDER BY city;
--> city:varchar(20) | n:int8
--> Bergen | 2
--> Oslo | 1
CREATE EXTERNAL TABLE lk_as.other STORED AS PARQUET LOCATION 'statements_as/sold' AS SELECT 1 AS one;
--> ERROR 55000: the location of external table "other" is not empty
CREATE EXTERNAL TABLE lk_as.wrong PARTITIONED BY (a) STORED AS PARQUET LOCATION 'statements_as/wrong/' AS SELECT 1 AS a, 2 AS b;
--> ERROR 42P16: the partition columns must be the last columns of the query, in the same order, after at least one other
CREATE EXTERNAL TABLE lk_as.wrong STORED AS PARQUET LOCATION 'statements_as/wrong/' AS SELECT nothing FROM src;
--> ERROR 42703 at 95: column "nothing" does not exist in src
BEGIN;
CREATE EXTERNAL TABLE lk_as.undone STORED AS PARQUET LOCATION 'statements_as/undone/' AS SELECT 1 AS one;
ROLLBACK;
CREATE EXTERNAL TABLE lk_as.undone STORED AS PARQUET LOCATION 'statements_as/undone/' AS SELECT 2 AS two;
SELECT * FROM lk_as.undone;
--> two:int4
--> 2
DROP SCHEMA lk_as DROP EXTERNAL DATABASE CASCADE;
