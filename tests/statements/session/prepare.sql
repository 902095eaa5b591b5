-- PREPARE, EXECUTE and DEALLOCATE.
-- source: r_PREPARE

CREATE TABLE t (a integer, b varchar(5));
PREPARE add (integer, varchar) AS INSERT INTO t VALUES ($1, $2);
--> PREPARE
EXECUTE add (1, 'x');
--> INSERT 0 1
EXECUTE add (2, NULL);
--> INSERT 0 1
PREPARE ask AS SELECT a, b FROM t WHERE a >= $1 ORDER BY a;
--> PREPARE
EXECUTE ask (1);
--> a:int4 | b:varchar(5)
--> 1 | x
--> 2 | NULL
EXECUTE ask (-1 + 3);
--> ERROR 0A000: EXECUTE takes constants only
EXECUTE ask;
--> ERROR 42601: wrong number of parameters for prepared statement "ask"
EXECUTE nowhere (1);
--> ERROR 26000: prepared statement "nowhere" does not exist
PREPARE ask AS SELECT 1;
--> ERROR 42P05: prepared statement "ask" already exists
PREPARE bad AS SELECT nowhere FROM t;
--> ERROR 42703 at 23: column "nowhere" does not exist in t
PREPARE bad AS DROP TABLE t;
--> ERROR 42601 at 16: syntax error at or near "DROP"
DEALLOCATE ask;
--> DEALLOCATE
EXECUTE ask (1);
--> ERROR 26000: prepared statement "ask" does not exist
DEALLOCATE PREPARE add;
--> DEALLOCATE
DEALLOCATE ALL;
--> DEALLOCATE ALL
DEALLOCATE ask;
--> ERROR 26000: prepared statement "ask" does not exist
