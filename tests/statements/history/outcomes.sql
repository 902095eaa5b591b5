-- How transactions, calls and steps ended: stl_undone, sys_transaction_history, sys_procedure_call, sys_procedure_messages, stl_scan.
-- source: r_STL_UNDONE

CREATE TABLE t (a int);
--> CREATE TABLE
CREATE PROCEDURE tell() AS $$ BEGIN RAISE INFO 'told'; INSERT INTO t VALUES (3); END; $$ LANGUAGE plpgsql;
--> CREATE PROCEDURE
BEGIN;
--> BEGIN
INSERT INTO t VALUES (1);
--> INSERT 0 1
ROLLBACK;
--> ROLLBACK
INSERT INTO t VALUES (1), (2);
--> INSERT 0 2
CALL tell();
--> INFO: told
--> CALL
SELECT count(*) FROM t WHERE a > 1;
--> count:int8
--> 2
SELECT count(*) FROM stl_undone u JOIN stl_query q ON q.xid = u.xact_id_undone WHERE q.querytxt = 'INSERT INTO t VALUES (1)' AND q.pid = pg_backend_pid();
--> count:int8
--> 1
SELECT h.status, h.undo_transaction_id = h.transaction_id AS undone, count(*) FROM sys_transaction_history h JOIN stl_query q ON q.xid = h.transaction_id WHERE q.querytxt = 'INSERT INTO t VALUES (1)' AND q.pid = pg_backend_pid() GROUP BY 1, 2;
--> status:text | undone:bool | count:int8
--> rolledback | t | 1
SELECT status, undo_transaction_id, commit_end_time >= transaction_start_time AS ends FROM sys_transaction_history h JOIN stl_query q ON q.xid = h.transaction_id WHERE q.querytxt LIKE 'INSERT INTO t VALUES (1), (2)%' AND q.pid = pg_backend_pid();
--> status:text | undo_transaction_id:int8 | ends:bool
--> committed | -1 | t
SELECT trim(query_text) AS text, trim(status) AS status, security_user_id = session_user_id AS own, caller_procedure_query_id FROM sys_procedure_call WHERE query_text LIKE 'CALL tell%' ORDER BY query_id DESC LIMIT 1;
--> text:varchar | status:varchar | own:bool | caller_procedure_query_id:int4
--> CALL tell() | success | t | NULL
SELECT trim(m.log_level) AS level, trim(m.message) AS message, m.line_number FROM sys_procedure_messages m JOIN sys_procedure_call c ON c.query_id = m.query_id WHERE c.query_text LIKE 'CALL tell%' ORDER BY m.record_time DESC LIMIT 1;
--> level:varchar | message:varchar | line_number:int4
--> INFO | told | 1
SELECT trim(s.perm_table_name) AS name, s.tbl = 't'::regclass::oid AS known, s.type, s.rows, s.rows_pre_filter FROM stl_scan s JOIN stl_query q ON q.query = s.query WHERE q.querytxt LIKE 'SELECT count(*) FROM t WHERE a > 1%' ORDER BY q.query DESC LIMIT 1;
--> name:varchar | known:bool | type:int4 | rows:int8 | rows_pre_filter:int8
--> t | t | 2 | 2 | 3
SELECT i.rows FROM stl_insert i JOIN stl_query q ON q.query = i.query WHERE q.querytxt LIKE 'INSERT INTO t VALUES (1), (2)%' ORDER BY q.query DESC LIMIT 1;
--> rows:int8
--> 2
DELETE FROM t WHERE a < 3;
--> DELETE 2
SELECT d.rows FROM stl_delete d JOIN stl_query q ON q.query = d.query WHERE q.querytxt LIKE 'DELETE FROM t WHERE a < 3%' ORDER BY q.query DESC LIMIT 1;
--> rows:int8
--> 2
SELECT count(*) FROM stv_locks;
--> count:int8
--> 0
SELECT node, slice, type FROM stv_slices;
--> node:int4 | slice:int4 | type:char(1)
--> 0 | 0 | D
SELECT trim(name) AS name, id = 't'::regclass::oid AS known, rows > 0 AS filled, slice, backup FROM stv_tbl_perm WHERE id = 't'::regclass::oid;
--> name:varchar | known:bool | filled:bool | slice:int4 | backup:int4
--> t | t | t | 0 | 1
