-- Every change of a user is noted, with the user's name before a rename; a change that is rolled back is not.
-- source: r_STL_USERLOG

CREATE USER userlog1 PASSWORD 'Userlog1';
--> CREATE USER
ALTER USER userlog1 CREATEDB CREATEUSER;
--> ALTER USER
ALTER USER userlog1 RENAME TO userlog2;
--> ALTER USER
BEGIN;
--> BEGIN
ALTER USER userlog2 VALID UNTIL '2030-01-01';
--> ALTER USER
ROLLBACK;
--> ROLLBACK
DROP USER userlog2;
--> DROP USER
SELECT trim(username) AS username, trim(oldusername) AS oldusername, trim(action) AS action, usecreatedb, usesuper FROM stl_userlog WHERE username LIKE 'userlog%' ORDER BY recordtime DESC;
--> username:varchar | oldusername:varchar | action:varchar | usecreatedb:int4 | usesuper:int4
--> userlog2 | '' | drop | 1 | 1
--> userlog2 | userlog1 | rename | 1 | 1
--> userlog1 | '' | alter | 1 | 1
--> userlog1 | '' | create | 0 | 0
SELECT DISTINCT trim(user_name) AS user_name, trim(action) AS action, session_id = pg_backend_pid() AS mine FROM sys_userlog WHERE user_name LIKE 'userlog%' ORDER BY 1, 2;
--> user_name:varchar | action:varchar | mine:bool
--> userlog1 | alter | t
--> userlog1 | create | t
--> userlog2 | drop | t
--> userlog2 | rename | t
