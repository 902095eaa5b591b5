-- A warehouse in one file keeps its snapshots, and no commits: other moments are errors, which name the nearest snapshots.
-- source: c_SELECT_synopsis

CREATE TABLE t (a int);
SELECT * FROM t FOR SYSTEM_TIME AS OF '2024-01-01';
--> ERROR 55000 at 15: the warehouse as of 2024-01-01 00:00:00.000000 UTC is not kept
SELECT * FROM t FOR TIMESTAMP AS OF dateadd(day, -1, getdate()) AS x JOIN t y ON x.a = y.a;
--> ERROR 55000 at 15: the warehouse as of … UTC is not kept
SELECT * FROM t FOR SYSTEM_TIME AS OF '2124-01-01';
--> ERROR 22023 at 15: 2124-01-01 00:00:00.000000 UTC has not come yet
SELECT * FROM t FOR VERSION AS OF 3;
--> ERROR 0A000 at 15: commits are not kept by a warehouse in one file
SELECT * FROM t FOR SYSTEM_VERSION AS OF 3;
--> ERROR 0A000 at 15: commits are not kept by a warehouse in one file
CREATE VIEW v AS SELECT * FROM t FOR VERSION AS OF 3;
--> ERROR 0A000 at 32: commits are not kept by a warehouse in one file
CREATE TABLE u AS SELECT * FROM t FOR VERSION AS OF 3;
--> ERROR 0A000 at 33: commits are not kept by a warehouse in one file
SELECT count(*) FROM svv_commits;
--> count:int8
--> 0
