-- A warehouse in one file keeps no history: AS OF is refused, wherever it stands, with a hint at snapshots.
-- source: c_SELECT_synopsis

CREATE TABLE t (a int);
SELECT * FROM t FOR SYSTEM_TIME AS OF '2024-01-01';
--> ERROR 0A000 at 15: AS OF is not supported: a warehouse in one file keeps no history
SELECT * FROM t FOR TIMESTAMP AS OF getdate() AS x JOIN t y ON x.a = y.a;
--> ERROR 0A000 at 15: AS OF is not supported: a warehouse in one file keeps no history
SELECT * FROM t FOR VERSION AS OF 3;
--> ERROR 0A000 at 15: AS OF is not supported: a warehouse in one file keeps no history
SELECT * FROM t FOR SYSTEM_VERSION AS OF 3;
--> ERROR 0A000 at 15: AS OF is not supported: a warehouse in one file keeps no history
CREATE VIEW v AS SELECT * FROM t FOR VERSION AS OF 3;
--> ERROR 0A000 at 32: AS OF is not supported: a warehouse in one file keeps no history
CREATE TABLE u AS SELECT * FROM t FOR VERSION AS OF 3;
--> ERROR 0A000 at 33: AS OF is not supported: a warehouse in one file keeps no history
SELECT count(*) FROM svv_commits;
--> count:int8
--> 0
