-- A column of COLLATE CASE_INSENSITIVE keeps its values as they are and compares, sorts and groups them without case.
-- source: r_CREATE_TABLE_NEW

CREATE TABLE t1 (id INTEGER, col1 VARCHAR(20) COLLATE case_insensitive, plain VARCHAR(20) COLLATE CASE_SENSITIVE);
INSERT INTO t1 VALUES (1, 'bob', 'a'), (2, 'john', 'B'), (3, 'Tom', 'A'), (4, 'JOHN', 'b'), (5, 'Bob', NULL), (6, NULL, 'c');
SELECT col1 FROM t1 WHERE col1 = 'John' ORDER BY id;
--> col1:varchar(20)
--> john
--> JOHN
SELECT id FROM t1 WHERE col1 IN ('BOB', 'TOM') ORDER BY id;
--> id:int4
--> 1
--> 3
--> 5
SELECT id FROM t1 WHERE col1 BETWEEN 'BOC' AND 'TOLD' ORDER BY id;
--> id:int4
--> 2
--> 4
SELECT id FROM t1 WHERE col1 LIKE 'JO%' ORDER BY id;
--> id:int4
--> 2
--> 4
SELECT id FROM t1 WHERE col1 SIMILAR TO '(JO|T)%' AND col1 ~ 'N|M$' ORDER BY id;
--> id:int4
--> 2
--> 3
--> 4
SELECT col1, id FROM t1 ORDER BY col1 DESC, id;
--> col1:varchar(20) | id:int4
--> NULL | 6
--> Tom | 3
--> john | 2
--> JOHN | 4
--> bob | 1
--> Bob | 5
SELECT lower(col1) AS name, count(*), min(id) FROM t1 WHERE col1 IS NOT NULL GROUP BY col1 ORDER BY 1;
--> name:varchar | count:int8 | min:int4
--> bob | 2 | 1
--> john | 2 | 2
--> tom | 1 | 3
SELECT count(DISTINCT col1), approximate count(DISTINCT col1) AS about, lower(min(col1)) AS least, max(col1) FROM t1;
--> count:int8 | about:int8 | least:varchar | max:varchar(20)
--> 3 | 3 | bob | Tom
SELECT count(*) FROM (SELECT DISTINCT col1 FROM t1 WHERE col1 IS NOT NULL) AS d;
--> count:int8
--> 3
SELECT id, rank() OVER (ORDER BY col1), count(*) OVER (PARTITION BY col1) FROM t1 WHERE id < 6 ORDER BY id;
--> id:int4 | rank:int8 | count:int8
--> 1 | 1 | 2
--> 2 | 3 | 2
--> 3 | 5 | 1
--> 4 | 3 | 2
--> 5 | 1 | 2
SELECT count(*) FROM (SELECT col1 FROM t1 UNION SELECT col1 FROM t1) AS u;
--> count:int8
--> 4
SELECT count(*) FROM t1 a JOIN t1 b ON a.col1 = b.col1;
--> count:int8
--> 9
SELECT id, greatest(col1, 'BOC') AS most, least(col1, 'BOC') AS least, strpos(col1, 'OH') AS place FROM t1 ORDER BY id;
--> id:int4 | most:varchar(20) | least:varchar(20) | place:int4
--> 1 | BOC | bob | 0
--> 2 | john | BOC | 2
--> 3 | Tom | BOC | 0
--> 4 | JOHN | BOC | 2
--> 5 | BOC | Bob | 0
--> 6 | BOC | BOC | NULL
SELECT regexp_count(col1, 'O'), regexp_instr(col1, 'HN'), regexp_replace(col1, 'H', '-') AS without, regexp_substr(col1, 'OH.') FROM t1 WHERE id IN (2, 4) ORDER BY id;
--> regexp_count:int4 | regexp_instr:int4 | without:varchar | regexp_substr:varchar
--> 1 | 3 | jo-n | ohn
--> 1 | 3 | JO-N | OHN
SELECT id FROM t1 WHERE (col1, id) IN (('BOB', 5), ('tom', 1)) OR (id, col1) = (4, 'john') ORDER BY id;
--> id:int4
--> 4
--> 5
SELECT id FROM t1 WHERE upper(col1) || 'x' = 'bobX' AND CASE col1 WHEN 'BOB' THEN true END AND decode(col1, 'boB', 1) = 1 ORDER BY id;
--> id:int4
--> 1
--> 5
SELECT listagg(col1, ',') WITHIN GROUP (ORDER BY col1, id) FROM t1;
--> listagg:varchar
--> bob,Bob,john,JOHN,Tom
SELECT listagg(DISTINCT col1, ',') FROM t1;
--> ERROR 0A000…: DISTINCT over case-insensitive text is supported in COUNT alone

-- The collation goes along with the column.
CREATE TABLE t2 AS SELECT id, col1 FROM t1;
SELECT count(*) FROM t2 WHERE col1 = 'BOB';
--> count:int8
--> 2
CREATE TABLE t3 (LIKE t1);
INSERT INTO t3 SELECT * FROM t1;
SELECT count(*) FROM t3 WHERE col1 = 'BOB';
--> count:int8
--> 2
CREATE VIEW v1 AS SELECT col1 AS name FROM t1;
SELECT count(*) FROM v1 WHERE name = 'BOB';
--> count:int8
--> 2
UPDATE t3 SET col1 = 'Ada' WHERE col1 = 'bOb';
--> UPDATE 2
ALTER TABLE t3 ALTER COLUMN col1 TYPE VARCHAR(30);
DELETE FROM t3 WHERE col1 = 'ADA';
--> DELETE 2
SHOW TABLE t1;
--> Show Table DDL statement:varchar
--> …col1 character varying(20) COLLATE case_insensitive,\n…

-- What Redshift does not alter, and what is no text.
ALTER TABLE t1 ADD COLUMN more VARCHAR(5) COLLATE case_insensitive;
--> ERROR 0A000: ALTER TABLE ADD COLUMN takes no COLLATE
ALTER TABLE t1 ALTER COLUMN plain TYPE VARCHAR(40) COLLATE case_insensitive;
--> ERROR 0A000…: altering the collation of a column is not supported
CREATE TABLE t4 (n INTEGER COLLATE case_insensitive);
--> ERROR 42601 at 28: syntax error at or near "COLLATE"
CREATE TABLE t4 (n VARCHAR COLLATE german);
--> ERROR 42601 at 36: syntax error at or near "german"
