-- Every statement is in the log, with its kind, label, transaction and outcome, in the very next one.
-- source: r_STL_QUERY, r_STL_DDLTEXT, r_STL_UTILITYTEXT, r_SVL_STATEMENTTEXT, r_SVL_QLOG, SYS_QUERY_HISTORY
SET query_group TO 'log script';
--> SET
CREATE TABLE logged (a INTEGER);
INSERT INTO logged VALUES (1), (2), (3);
SELECT a FROM logged WHERE a > 1;
SELECT nosuch FROM logged;
--> ERROR 42703 at 8: column "nosuch" does not exist in logged
SELEC 1;
--> ERROR 42601 at 1: syntax error at or near "SELEC"
SELECT trim(querytxt) AS text, aborted, trim(label) AS label, trim("database") AS db FROM stl_query
WHERE pid = pg_backend_pid() AND label = 'log script' ORDER BY query;
--> text:varchar | aborted:int4 | label:varchar | db:varchar
--> INSERT INTO logged VALUES (1), (2), (3) | 0 | log script | dev
--> SELECT a FROM logged WHERE a > 1 | 0 | log script | dev
--> SELECT nosuch FROM logged | 1 | log script | dev
SELECT trim(text) AS text, sequence FROM stl_ddltext WHERE pid = pg_backend_pid() AND label = 'log script';
--> text:varchar | sequence:int4
--> CREATE TABLE logged (a INTEGER) | 0
SELECT type, count(*) FROM svl_statementtext WHERE pid = pg_backend_pid() AND label = 'log script' GROUP BY 1 ORDER BY 1;
--> type:varchar(10) | count:int8
--> DDL | 1
--> QUERY | 5
--> UTILITY | 1
SELECT trim(query_type) AS type, trim(status) AS status, returned_rows, trim(error_message) AS error FROM sys_query_history
WHERE session_id = pg_backend_pid() AND query_label = 'log script' AND end_time IS NOT NULL ORDER BY query_id LIMIT 5;
--> type:varchar | status:varchar | returned_rows:int8 | error:varchar
--> DDL | success | NULL | NULL
--> INSERT | success | 3 | NULL
--> SELECT | success | 2 | NULL
--> SELECT | failed | NULL | column "nosuch" does not exist in logged
--> UTILITY | failed | NULL | syntax error at or near "SELEC"
SELECT trim(context) AS context, trim(error) AS error FROM stl_error WHERE pid = pg_backend_pid()
AND error LIKE '%nosuch%in logged%';
--> context:varchar | error:varchar
--> SQLSTATE 42703 | column "nosuch" does not exist in logged
SELECT elapsed >= 0 AS elapsed, endtime >= starttime AS times, source_query, from_sp_call FROM svl_qlog
WHERE pid = pg_backend_pid() AND substring LIKE 'SELECT a FROM logged%';
--> elapsed:bool | times:bool | source_query:int4 | from_sp_call:int4
--> t | t | NULL | NULL
BEGIN;
SELECT count(*) FROM logged;
SELECT sum(a) FROM logged;
SELECT count(*) AS statements, count(DISTINCT xid) AS transactions FROM svl_statementtext
WHERE pid = pg_backend_pid() AND xid = (SELECT xid FROM svv_transactions WHERE pid = pg_backend_pid());
--> statements:int8 | transactions:int8
--> 3 | 1
SELECT count(*) AS statements FROM svl_statementtext
WHERE pid = pg_backend_pid() AND xid = (SELECT xid FROM svv_transactions WHERE pid = pg_backend_pid());
--> statements:int8
--> 4
COMMIT;
SELECT count(*) FROM svv_transactions WHERE pid = pg_backend_pid();
--> count:int8
--> 0
