-- Who may call, replace, drop, rename and give away procedures and functions.
-- source: stored-procedure-security-and-privileges
CREATE SCHEMA guard_routines;
CREATE USER maker1 PASSWORD 'Maker1Pass';
CREATE USER caller1 PASSWORD 'Caller1Pass';
CREATE GROUP callers;
GRANT USAGE ON SCHEMA guard_routines TO maker1, caller1;
GRANT CREATE ON SCHEMA guard_routines TO maker1;
SET SESSION AUTHORIZATION caller1;
CREATE PROCEDURE guard_routines.mine() AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql;
--> ERROR 42501: permission denied for schema guard_routines
CREATE FUNCTION guard_routines.mine() RETURNS integer STABLE AS $$ select 1 $$ LANGUAGE sql;
--> ERROR 42501: permission denied for schema guard_routines
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION maker1;
CREATE PROCEDURE guard_routines.made(a integer, b OUT varchar(20)) AS $$ BEGIN b := a || '!'; END; $$ LANGUAGE plpgsql;
--> CREATE PROCEDURE
CREATE FUNCTION guard_routines.f_twice(varchar(10)) RETURNS varchar(20) IMMUTABLE AS $$ select $1 || $1 $$ LANGUAGE sql;
--> CREATE FUNCTION
CALL guard_routines.made(1);
--> b:varchar
--> 1!
RESET SESSION AUTHORIZATION;

-- Functions are everybody's from the start, procedures nobody's but the owner's.
SET SESSION AUTHORIZATION caller1;
SELECT guard_routines.f_twice('ab') AS twice;
--> twice:varchar(20)
--> abab
CALL guard_routines.made(1);
--> ERROR 42501: permission denied for procedure made(integer)
SHOW PROCEDURE guard_routines.made;
--> ERROR 42501: permission denied for procedure made(integer)
GRANT EXECUTE ON PROCEDURE guard_routines.made(integer) TO caller1;
--> ERROR 42501: permission denied for procedure made(integer)
DROP PROCEDURE guard_routines.made(integer);
--> ERROR 42501: must be owner of procedure made(integer)
DROP FUNCTION guard_routines.f_twice(varchar);
--> ERROR 42501: must be owner of function f_twice(character varying)
ALTER PROCEDURE guard_routines.made(integer) RENAME TO taken;
--> ERROR 42501: must be owner of procedure made(integer)
ALTER FUNCTION guard_routines.f_twice(varchar) OWNER TO caller1;
--> ERROR 42501: must be owner of function f_twice(character varying)
CREATE OR REPLACE PROCEDURE guard_routines.made(integer, b OUT varchar(20)) AS $$ BEGIN b := 'x'; END; $$ LANGUAGE plpgsql;
--> ERROR 42501: must be owner of procedure made(integer)
RESET SESSION AUTHORIZATION;
GRANT CREATE ON SCHEMA guard_routines TO caller1;
SET SESSION AUTHORIZATION caller1;
CREATE OR REPLACE FUNCTION guard_routines.f_twice(varchar) RETURNS varchar IMMUTABLE AS $$ select 'x' $$ LANGUAGE sql;
--> ERROR 42501: must be owner of function f_twice(character varying)
RESET SESSION AUTHORIZATION;
REVOKE CREATE ON SCHEMA guard_routines FROM caller1;

-- Granted by the owner, to a group, and to all of a schema.
SET SESSION AUTHORIZATION maker1;
GRANT EXECUTE ON PROCEDURE guard_routines.made(a IN integer, b OUT varchar) TO GROUP callers;
--> GRANT
REVOKE EXECUTE ON FUNCTION guard_routines.f_twice(varchar(10)) FROM PUBLIC;
--> REVOKE
CREATE FUNCTION guard_routines.f_four(varchar) RETURNS varchar IMMUTABLE AS
$$ select guard_routines.f_twice(guard_routines.f_twice($1)) $$ LANGUAGE sql;
CREATE VIEW guard_routines.shown AS SELECT guard_routines.f_twice('v') AS v;
GRANT SELECT ON guard_routines.shown TO PUBLIC;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION caller1;
CALL guard_routines.made(1);
--> ERROR 42501: permission denied for procedure made(integer)
SELECT guard_routines.f_twice('ab');
--> ERROR 42501: permission denied for function f_twice(character varying)
SELECT guard_routines.f_four('ab');
--> ERROR 42501: permission denied for function f_twice(character varying)
SELECT v FROM guard_routines.shown;
--> v:varchar(20)
--> vv
RESET SESSION AUTHORIZATION;
ALTER GROUP callers ADD USER caller1;
SET SESSION AUTHORIZATION caller1;
CALL guard_routines.made(1);
--> b:varchar
--> 1!
RESET SESSION AUTHORIZATION;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA guard_routines TO caller1;
--> GRANT
SET SESSION AUTHORIZATION caller1;
SELECT guard_routines.f_four('ab') AS four;
--> four:varchar
--> abababab
RESET SESSION AUTHORIZATION;
GRANT EXECUTE ON PROCEDURE guard_routines.nothing() TO caller1;
--> ERROR 42883: procedure nothing() does not exist

-- Renamed, replaced and given away: what was granted stays; made anew: nothing is left.
SET SESSION AUTHORIZATION maker1;
ALTER FUNCTION guard_routines.f_four(varchar) RENAME TO f_fourfold;
--> ALTER FUNCTION
ALTER PROCEDURE guard_routines.made(integer) RENAME TO done;
--> ALTER PROCEDURE
CREATE OR REPLACE PROCEDURE guard_routines.done(a integer, b OUT varchar(20)) AS $$ BEGIN b := a || '?'; END; $$ LANGUAGE plpgsql;
--> CREATE PROCEDURE
ALTER PROCEDURE guard_routines.done(integer) OWNER TO caller1;
--> ERROR 42501: must be superuser to change the owner of procedure done(integer)
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION caller1;
CALL guard_routines.done(1);
--> b:varchar
--> 1?
SELECT guard_routines.f_fourfold('ab') AS four;
--> four:varchar
--> abababab
RESET SESSION AUTHORIZATION;
ALTER PROCEDURE guard_routines.done(integer) OWNER TO caller1;
--> ALTER PROCEDURE
ALTER FUNCTION guard_routines.f_fourfold(varchar) OWNER TO nobody1;
--> ERROR 42704: user "nobody1" does not exist
ALTER FUNCTION guard_routines.f_fourfold(varchar) OWNER TO current_user;
--> ALTER FUNCTION
SET SESSION AUTHORIZATION maker1;
CALL guard_routines.done(1);
--> ERROR 42501: permission denied for procedure done(integer)
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION caller1;
DROP PROCEDURE guard_routines.done(integer);
--> DROP PROCEDURE
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION maker1;
CREATE PROCEDURE guard_routines.done(a integer) AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION caller1;
CALL guard_routines.done(1);
--> ERROR 42501: permission denied for procedure done(integer)
RESET SESSION AUTHORIZATION;

-- Roles, languages, default privileges.
CREATE ROLE routines1;
GRANT CREATE OR REPLACE PROCEDURE, DROP PROCEDURE, CREATE OR REPLACE FUNCTION, DROP FUNCTION TO ROLE routines1;
GRANT ROLE routines1 TO caller1;
SET SESSION AUTHORIZATION caller1;
DROP PROCEDURE guard_routines.done(integer);
--> DROP PROCEDURE
CREATE FUNCTION guard_routines.f_one() RETURNS integer STABLE AS $$ select 1 $$ LANGUAGE sql;
--> CREATE FUNCTION
DROP FUNCTION guard_routines.f_one();
--> DROP FUNCTION
RESET SESSION AUTHORIZATION;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
--> REVOKE
SET SESSION AUTHORIZATION maker1;
CREATE PROCEDURE guard_routines.never() AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql;
--> ERROR 42501: permission denied for language plpgsql
RESET SESSION AUTHORIZATION;
GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR USER maker1 IN SCHEMA guard_routines GRANT EXECUTE ON PROCEDURES TO caller1;
ALTER DEFAULT PRIVILEGES FOR USER maker1 IN SCHEMA guard_routines REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET SESSION AUTHORIZATION maker1;
CREATE PROCEDURE guard_routines.later() AS $$ BEGIN RAISE INFO 'later'; END; $$ LANGUAGE plpgsql;
CREATE FUNCTION guard_routines.f_later() RETURNS integer STABLE AS $$ select 1 $$ LANGUAGE sql;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION caller1;
CALL guard_routines.later();
--> INFO: later
--> CALL
SELECT guard_routines.f_later();
--> ERROR 42501: permission denied for function f_later()
RESET SESSION AUTHORIZATION;
DROP USER maker1;
--> ERROR 55006: user "maker1" cannot be dropped because the user owns some object
ALTER DEFAULT PRIVILEGES FOR USER maker1 IN SCHEMA guard_routines REVOKE EXECUTE ON PROCEDURES FROM caller1;
ALTER DEFAULT PRIVILEGES FOR USER maker1 IN SCHEMA guard_routines GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
DROP VIEW guard_routines.shown;
DROP FUNCTION guard_routines.f_later();
DROP FUNCTION guard_routines.f_fourfold(varchar);
DROP FUNCTION guard_routines.f_twice(varchar);
DROP PROCEDURE guard_routines.later();
DROP SCHEMA guard_routines;
DROP GROUP callers;
DROP ROLE routines1 FORCE;
DROP USER maker1, caller1;
