-- COLLATE changes how a text is compared, not the text; texts of two collations do not meet.
-- source: r_COLLATE

CREATE TABLE t (col1 VARCHAR(20) COLLATE case_sensitive);
INSERT INTO t VALUES ('john'), ('JOHN');
SELECT * FROM t WHERE col1 = 'john';
--> col1:varchar(20)
--> john
SELECT * FROM t WHERE collate(col1, 'case_insensitive') = 'john' ORDER BY col1;
--> col1:varchar(20)
--> JOHN
--> john
SELECT collate('Ab', 'case_insensitive') = 'aB' AS equal, collate('Ab', 'case_sensitive') = 'aB' AS other, collate('Ab', 'case_insensitive') AS kept;
--> equal:bool | other:bool | kept:varchar
--> t | f | Ab
SELECT db_collation();
--> db_collation:varchar
--> case_sensitive
SELECT collate(col1, 'german') FROM t;
--> ERROR 22023 at 22: collation "german" does not exist
SELECT collate(1, 'case_insensitive');
--> ERROR 42883…: function collate(integer, character varying) does not exist

-- source: r_CREATE_DATABASE
CREATE TABLE test (ci_col VARCHAR(10) COLLATE case_insensitive, cs_col VARCHAR(10) COLLATE case_sensitive, cint INT, s SUPER);
INSERT INTO test VALUES ('Ab', 'aB', 1, NULL), ('x', 'Y', 2, NULL);
SELECT ci_col = cs_col FROM test;
--> ERROR 0A000 at 17: Query with different collations is not supported yet.
SELECT concat(ci_col, cs_col) FROM test;
--> ERROR 0A000 at 23: Query with different collations is not supported yet.
SELECT ci_col FROM test UNION SELECT cs_col FROM test;
--> ERROR 0A000…: Query with different collations is not supported yet.
SELECT * FROM test a, test b WHERE a.ci_col = b.cs_col;
--> ERROR 0A000…: Query with different collations is not supported yet.
SELECT coalesce(ci_col, cs_col) FROM test;
--> ERROR 0A000…: Query with different collations is not supported yet.
SELECT CASE WHEN cint > 0 THEN ci_col ELSE cs_col END FROM test;
--> ERROR 0A000…: Query with different collations is not supported yet.
SELECT ci_col LIKE cs_col FROM test;
--> ERROR 0A000…: Query with different collations is not supported yet.
SELECT cint FROM test WHERE ci_col IN (SELECT cs_col FROM test);
--> ERROR 0A000…: Query with different collations is not supported yet.
SELECT a.cint FROM test a JOIN (SELECT cs_col AS ci_col FROM test) b USING (ci_col);
--> ERROR 0A000…: Query with different collations is not supported yet.
SELECT s = ci_col FROM test;
--> ERROR 0A000 at 8: Coercing from case insensitive string to SUPER is not supported.
SELECT cint, collate(ci_col, 'case_sensitive') = cs_col AS exactly, ci_col = collate(cs_col, 'case_insensitive') AS nearly FROM test ORDER BY cint;
--> cint:int4 | exactly:bool | nearly:bool
--> 1 | f | t
--> 2 | f | f
SELECT cint FROM test WHERE ci_col IN (SELECT collate(cs_col, 'case_insensitive') FROM test) ORDER BY cint;
--> cint:int4
--> 1
SELECT cint FROM test WHERE (ci_col, cint) IN (SELECT ci_col, cint FROM test);
--> ERROR 0A000…: a row with case-insensitive text is not supported in IN (SELECT …)
