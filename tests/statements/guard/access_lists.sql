-- Grants as the catalog writes them, and as information_schema lists them.
-- source: r_PG_DEFAULT_ACL
CREATE SCHEMA guard_acl;
CREATE USER holder1 PASSWORD 'Holder1Pass';
CREATE GROUP holders1;
CREATE ROLE holding1;
CREATE TABLE guard_acl.t (a integer, b integer);
CREATE FUNCTION guard_acl.f_one(integer) RETURNS varchar(10) STABLE AS $$ select 'x' $$ LANGUAGE sql;
CREATE PROCEDURE guard_acl.p_one(a integer, INOUT b varchar(10), c OUT date) SECURITY DEFINER SET timezone TO 'UTC'
AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql;
SELECT relacl FROM pg_class WHERE oid = 'guard_acl.t'::regclass;
--> relacl:1034
--> NULL
GRANT DELETE, INSERT ON guard_acl.t TO holder1 WITH GRANT OPTION;
GRANT SELECT ON guard_acl.t TO GROUP holders1, ROLE holding1, PUBLIC;
GRANT UPDATE (b) ON guard_acl.t TO holder1;
GRANT USAGE, CREATE ON SCHEMA guard_acl TO holder1;
GRANT EXECUTE ON PROCEDURE guard_acl.p_one(integer, varchar) TO holder1;
SELECT relacl FROM pg_class WHERE oid = 'guard_acl.t'::regclass;
--> relacl:1034
--> {admin=arwdxDPA/admin,=r/admin,"group holders1=r/admin",holder1=a*d*/admin,"role holding1=r/admin"}
SELECT attname, attacl FROM pg_attribute WHERE attrelid = 'guard_acl.t'::regclass AND attnum > 0 ORDER BY 1;
--> attname:name | attacl:1034
--> a | NULL
--> b | {holder1=w/admin}
SELECT nspacl FROM pg_namespace WHERE nspname = 'guard_acl';
--> nspacl:1034
--> {admin=UC/admin,holder1=UC/admin}
SELECT datacl FROM pg_database WHERE datname = 'dev';
--> datacl:1034
--> {admin=CT/admin,=T/admin}
SELECT proname, proacl FROM pg_proc WHERE proname IN ('f_one', 'p_one') ORDER BY 1;
--> proname:name | proacl:1034
--> f_one | {admin=X/admin,=X/admin}
--> p_one | {admin=X/admin,holder1=X/admin}
SELECT table_acl FROM svv_all_tables WHERE schema_name = 'guard_acl';
--> table_acl:varchar(128)
--> admin=arwdxDPA/admin~=r/admin~group holders1=r/admin~holder1=a*d*/admin~role holding1=r/admin
SELECT schema_acl FROM svv_all_schemas WHERE schema_name = 'guard_acl';
--> schema_acl:varchar(128)
--> admin=UC/admin~holder1=UC/admin
ALTER DEFAULT PRIVILEGES IN SCHEMA guard_acl GRANT SELECT ON TABLES TO holder1, GROUP holders1;
ALTER DEFAULT PRIVILEGES FOR USER holder1 REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SELECT pg_get_userbyid(defaclrole) AS owner, n.nspname, defaclobjtype, defaclacl FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace ORDER BY 1;
--> owner:name | nspname:name | defaclobjtype:"char" | defaclacl:1034
--> admin | guard_acl | r | {"group holders1=r/admin",holder1=r/admin}
--> holder1 | NULL | f | {holder1=X/holder1}
ALTER DEFAULT PRIVILEGES IN SCHEMA guard_acl REVOKE SELECT ON TABLES FROM holder1, GROUP holders1;
ALTER DEFAULT PRIVILEGES FOR USER holder1 GRANT EXECUTE ON FUNCTIONS TO PUBLIC;

SELECT grantor, grantee, privilege_type, is_grantable FROM information_schema.table_privileges
WHERE table_schema = 'guard_acl' AND grantee <> 'admin' ORDER BY grantee, privilege_type;
--> grantor:name | grantee:name | privilege_type:varchar | is_grantable:varchar(3)
--> admin | PUBLIC | SELECT | NO
--> admin | holder1 | DELETE | YES
--> admin | holder1 | INSERT | YES
--> admin | holders1 | SELECT | NO
--> admin | holding1 | SELECT | NO
SELECT count(*) FROM information_schema.role_table_grants WHERE table_schema = 'guard_acl';
--> count:int8
--> 12
SELECT column_name, privilege_type FROM information_schema.column_privileges
WHERE table_schema = 'guard_acl' AND grantee = 'holder1' ORDER BY 1, 2;
--> column_name:name | privilege_type:varchar
--> a | INSERT
--> b | INSERT
--> b | UPDATE
SET SESSION AUTHORIZATION holder1;
SELECT grantee, privilege_type FROM information_schema.table_privileges WHERE table_schema = 'guard_acl' ORDER BY 1, 2;
--> grantee:name | privilege_type:varchar
--> PUBLIC | SELECT
--> holder1 | DELETE
--> holder1 | INSERT
RESET SESSION AUTHORIZATION;

-- What users have made, as rows of pg_proc.
SELECT proname, prokind, prosecdef, pronargs, prorettype, proargtypes, proallargtypes, proargmodes, proargnames, proconfig
FROM pg_proc WHERE proname IN ('f_one', 'p_one') ORDER BY 1;
--> proname:name | prokind:"char" | prosecdef:bool | pronargs:int2 | prorettype:oid | proargtypes:oidvector | proallargtypes:oid[] | proargmodes:"char"[] | proargnames:text[] | proconfig:text[]
--> f_one | f | f | 1 | 1043 | 23 | NULL | NULL | NULL | NULL
--> p_one | p | t | 2 | 2249 | 23 1043 | {23,1043,1082} | {i,b,o} | {a,b,c} | {timezone=UTC}
SELECT proname, prokind, proargmodes FROM pg_proc_info WHERE proname IN ('f_one', 'p_one') ORDER BY 1;
--> proname:name | prokind:"char" | proargmodes:"char"[]
--> f_one | f | NULL
--> p_one | p | {i,b,o}
SELECT pg_get_function_arguments(oid) AS takes, pg_get_function_result(oid) AS gives FROM pg_proc WHERE proname IN ('f_one', 'p_one')
ORDER BY proname;
--> takes:text | gives:text
--> integer | character varying
--> a integer, INOUT b character varying, OUT c date | NULL
SELECT ordinal_position, parameter_mode, parameter_name, data_type FROM information_schema.parameters
WHERE specific_schema = 'guard_acl' AND specific_name LIKE 'p_one%' ORDER BY 1;
--> ordinal_position:int4 | parameter_mode:varchar | parameter_name:name | data_type:varchar
--> 1 | IN | a | integer
--> 2 | INOUT | b | character varying
--> 3 | OUT | c | date

-- Asked by name, by number, of the system catalog.
SELECT has_function_privilege('holder1', 'guard_acl.f_one(int)', 'execute') AS f, has_function_privilege('holder1',
  'guard_acl.p_one(integer, varchar)', 'EXECUTE') AS p, has_function_privilege('lower(text)', 'execute') AS b;
--> f:bool | p:bool | b:bool
--> t | t | t
SELECT proname, has_function_privilege('holder1', oid, 'execute') AS h FROM pg_proc WHERE proname IN ('f_one', 'p_one') ORDER BY 1;
--> proname:name | h:bool
--> f_one | t
--> p_one | t
REVOKE EXECUTE ON PROCEDURE guard_acl.p_one(integer, varchar) FROM holder1;
SELECT has_function_privilege('holder1', 'guard_acl.p_one(integer, varchar)', 'execute') AS p;
--> p:bool
--> f
SELECT has_function_privilege('holder1', 'guard_acl.nothing(int)', 'execute');
--> ERROR 42883: function "guard_acl.nothing(int)" does not exist
SELECT has_function_privilege('nobody1', 'lower(text)', 'execute');
--> ERROR 42704: user "nobody1" does not exist
SELECT has_function_privilege('guard_acl.f_one(int)', 'fly');
--> ERROR 22023: unrecognized privilege type: "fly"
SELECT has_table_privilege('holder1', 'guard_acl.t'::regclass, 'insert') AS i, has_table_privilege('holder1', oid, 'update') AS u
FROM pg_class WHERE oid = 'guard_acl.t'::regclass;
--> i:bool | u:bool
--> t | f
SELECT has_table_privilege('holder1', 'pg_class', 'select') AS s, has_table_privilege('holder1', 'pg_class', 'delete') AS d,
  has_table_privilege('holder1', 'information_schema.tables', 'select') AS i;
--> s:bool | d:bool | i:bool
--> t | f | t
SELECT has_column_privilege('holder1', 'guard_acl.t', 'b', 'update') AS b, has_column_privilege('holder1', 'guard_acl.t', 'a', 'update')
  AS a, has_any_column_privilege('holder1', 'guard_acl.t'::regclass, 'update') AS o;
--> b:bool | a:bool | o:bool
--> t | f | t
SELECT nspname, has_schema_privilege('holder1', oid, 'create') AS c FROM pg_namespace WHERE nspname IN ('guard_acl', 'pg_catalog')
ORDER BY 1;
--> nspname:name | c:bool
--> guard_acl | t
--> pg_catalog | f
SELECT has_database_privilege('holder1', oid, 'temp') AS t FROM pg_database;
--> t:bool
--> t
SELECT has_assumerole_privilege('holder1', 'arn:aws:iam::123456789012:role/any', 'copy') AS c,
  has_assumerole_privilege('arn:aws:iam::123456789012:role/any', 'external function') AS f;
--> c:bool | f:bool
--> t | f
DROP SCHEMA guard_acl CASCADE;
DROP GROUP holders1;
DROP ROLE holding1 FORCE;
DROP USER holder1;
