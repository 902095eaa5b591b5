-- pg_last_query_id() is the number of the session's last query, by which the log knows it.
-- source: PG_LAST_QUERY_ID, r_STV_RECENTS, r_STV_INFLIGHT
SELECT 40 + 2 AS marked;
SELECT trim(querytxt) AS text FROM stl_query WHERE query = pg_last_query_id();
--> text:varchar
--> SELECT 40 + 2 AS marked
SELECT trim(status) AS status, trim(user_name) AS who, trim(db_name) AS db FROM stv_recents WHERE pid = pg_backend_pid();
--> status:varchar | who:varchar | db:varchar
--> Running | admin | dev
SELECT trim(text) AS text FROM stv_inflight WHERE pid = pg_backend_pid();
--> text:varchar
--> SELECT trim(text) AS text FROM stv_inflight WHERE pid = pg_backend_pid()
SELECT trim(user_name) AS who, timeout_sec FROM stv_sessions WHERE process = pg_backend_pid();
--> who:varchar | timeout_sec:int4
--> admin | 0
SELECT trim(event) AS event, duration FROM stl_connection_log WHERE pid = pg_backend_pid() ORDER BY recordtime;
--> event:varchar | duration:int8
--> initiating session | 0
SELECT datname, procpid = pg_backend_pid() AS mine, usename, current_query, query_start <= getdate() + interval '1 minute' AS begun
FROM pg_stat_activity WHERE procpid = pg_backend_pid();
--> datname:name | mine:bool | usename:name | current_query:text | begun:bool
--> dev | t | admin | SELECT datname, procpid = pg_backend_pid() AS mine, usename, current_query, query_start <= getdate() + interval '1 minute' AS begun\nFROM pg_stat_activity WHERE procpid = pg_backend_pid() | t
