-- Who, where and which version.
-- source: r_System_information_functions

SELECT current_user, session_user, user, current_database(), current_schema() LIKE 'script%' OR current_schema() LIKE 'r%' AS schema, version() LIKE 'PostgreSQL 8.0.2 % Redshift %' AS version, pg_backend_pid() > 0 AS pid;
--> current_user:name | session_user:name | current_user:name | current_database:name | schema:bool | version:bool | pid:bool
--> admin | admin | admin | dev | t | t | t
SELECT pg_last_copy_count() IS NOT NULL OR true AS copies;
--> copies:bool
--> t
