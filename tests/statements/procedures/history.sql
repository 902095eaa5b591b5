-- What a procedure runs is in the log under its CALL, what it tells too, whatever became of it.
-- source: r_SVL_STORED_PROC_CALL, r_SVL_STORED_PROC_MESSAGES, r_SVL_QLOG, r_stored_proc_log_min_messages
SET query_group TO 'procedure log';
--> SET
CREATE TABLE kept (a INTEGER);
CREATE PROCEDURE inner_one(n INTEGER) AS $$
BEGIN
  INSERT INTO kept VALUES (n);
  RAISE NOTICE 'kept %', n;
END;
$$ LANGUAGE plpgsql;
CREATE PROCEDURE outer_one() AS $$
DECLARE total INTEGER;
BEGIN
  CALL inner_one(7);
  SELECT INTO total sum(a) FROM kept;
  EXECUTE 'DELETE FROM kept';
  FOR total IN SELECT a FROM kept LOOP NULL; END LOOP;
  RAISE WARNING 'about to fail';
  SELECT INTO total count(*) FROM nosuch;
END;
$$ LANGUAGE plpgsql;
CALL outer_one();
--> NOTICE: kept 7
--> WARNING: about to fail
--> ERROR 42P01: relation "nosuch" does not exist
SELECT trim(c.querytxt) AS call, c.aborted, trim(outer_call.querytxt) AS called_by, c.userid = c.session_userid AS mine
FROM svl_stored_proc_call c LEFT JOIN svl_stored_proc_call outer_call ON c.from_sp_call = outer_call.query
WHERE c.label = 'procedure log' ORDER BY c.query;
--> call:varchar | aborted:int4 | called_by:varchar | mine:bool
--> CALL outer_one() | 1 | NULL | t
--> CALL inner_one(7) | 0 | CALL outer_one() | t
SELECT trim(q.substring) AS text, q.aborted, trim(c.querytxt) AS called_by FROM svl_qlog q
JOIN svl_stored_proc_call c ON q.from_sp_call = c.query WHERE q.label = 'procedure log' ORDER BY q.query;
--> text:varchar | aborted:int4 | called_by:varchar
--> INSERT INTO kept VALUES (n) | 0 | CALL inner_one(7)
--> SELECT            sum(a) FROM kept | 0 | CALL outer_one()
--> DELETE FROM kept | 0 | CALL outer_one()
--> SELECT a FROM kept | 0 | CALL outer_one()
--> SELECT            count(*) FROM nosuch | 1 | CALL outer_one()
SELECT loglevel, trim(loglevel_text) AS level, trim(message) AS message, linenum, trim(querytxt) AS call, aborted
FROM svl_stored_proc_messages WHERE label = 'procedure log' ORDER BY recordtime;
--> loglevel:int4 | level:varchar | message:varchar | linenum:int4 | call:varchar | aborted:int4
--> 40 | NOTICE | kept 7 | 3 | CALL inner_one(7) | 0
--> 50 | WARNING | about to fail | 7 | CALL outer_one() | 1
SET stored_proc_log_min_messages TO warning;
--> SET
CALL inner_one(8);
--> NOTICE: kept 8
--> CALL
SELECT count(*) FROM svl_stored_proc_messages WHERE label = 'procedure log' AND message LIKE 'kept 8%';
--> count:int8
--> 0
SET stored_proc_log_min_messages TO loud;
--> ERROR 22023: invalid value for parameter "stored_proc_log_min_messages": "loud"
