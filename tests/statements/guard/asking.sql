-- Functions, views and SHOW answer who may.
-- source: r_HAS_TABLE_PRIVILEGE
CREATE SCHEMA guard_asking;
CREATE TABLE guard_asking.t (a integer, b integer);
CREATE USER asker1 PASSWORD 'Asker1Pass';
CREATE GROUP askers WITH USER asker1;
CREATE ROLE inner_role1;
CREATE ROLE outer_role1;
GRANT ROLE inner_role1 TO ROLE outer_role1;
GRANT ROLE outer_role1 TO asker1 WITH ADMIN OPTION;
GRANT USAGE ON SCHEMA guard_asking TO GROUP askers;
GRANT SELECT (a) ON guard_asking.t TO asker1;
GRANT INSERT ON guard_asking.t TO ROLE inner_role1;
GRANT DELETE ON guard_asking.t TO asker1 WITH GRANT OPTION;
SELECT has_table_privilege('asker1', 'guard_asking.t', 'select') AS s, has_table_privilege('asker1', 'guard_asking.t', 'insert') AS i,
  has_table_privilege('asker1', 'guard_asking.t', 'delete') AS d, has_table_privilege('guard_asking.t', 'update') AS admins;
--> s:bool | i:bool | d:bool | admins:bool
--> f | t | t | t
SELECT has_column_privilege('asker1', 'guard_asking.t', 'a', 'select') AS a, has_column_privilege('asker1', 'guard_asking.t', 'b', 'select') AS b,
  has_any_column_privilege('asker1', 'guard_asking.t', 'select') AS any_one;
--> a:bool | b:bool | any_one:bool
--> t | f | t
SELECT has_schema_privilege('asker1', 'guard_asking', 'usage') AS u, has_schema_privilege('asker1', 'guard_asking', 'create') AS c,
  has_schema_privilege('asker1', 'public', 'create') AS p;
--> u:bool | c:bool | p:bool
--> t | f | t
SELECT has_database_privilege('asker1', 'dev', 'temp') AS t, has_database_privilege('asker1', 'dev', 'create') AS c,
  has_language_privilege('asker1', 'sql', 'usage') AS l;
--> t:bool | c:bool | l:bool
--> t | f | t
SELECT user_is_member_of('asker1', 'inner_role1') AS u, role_is_member_of('outer_role1', 'inner_role1') AS o,
  role_is_member_of('inner_role1', 'outer_role1') AS n, pg_has_role('asker1', 'outer_role1', 'usage') AS p;
--> u:bool | o:bool | n:bool | p:bool
--> t | t | f | t
SELECT has_table_privilege('nobody1', 'guard_asking.t', 'select');
--> ERROR 42704: user "nobody1" does not exist
SELECT has_table_privilege('asker1', 'guard_asking.missing', 'select');
--> ERROR 42P01: relation "guard_asking.missing" does not exist
SELECT has_table_privilege('asker1', 'guard_asking.t', 'fly');
--> ERROR 22023: unrecognized privilege type: "fly"
SELECT relation_name, privilege_type, identity_name, identity_type, admin_option FROM svv_relation_privileges
WHERE namespace_name = 'guard_asking' ORDER BY 2;
--> relation_name:varchar(128) | privilege_type:varchar(128) | identity_name:varchar(128) | identity_type:varchar(128) | admin_option:bool
--> t | DELETE | asker1 | user | t
--> t | INSERT | inner_role1 | role | f
SELECT column_name, privilege_type, identity_name FROM svv_column_privileges WHERE namespace_name = 'guard_asking';
--> column_name:varchar(128) | privilege_type:varchar(128) | identity_name:varchar(128)
--> a | SELECT | asker1
SELECT role_name, granted_role_name FROM svv_role_grants WHERE role_name = 'outer_role1';
--> role_name:varchar(128) | granted_role_name:varchar(128)
--> outer_role1 | inner_role1
-- Several privileges: one of them is enough; WITH GRANT OPTION asks whether it may be granted on.
SELECT has_table_privilege('asker1', 'guard_asking.t', 'select, insert') AS one_of, has_table_privilege('asker1', 'guard_asking.t', 'select,update') AS neither,
  has_table_privilege('asker1', 'guard_asking.t', 'delete with grant option') AS d, has_table_privilege('asker1', 'guard_asking.t', 'INSERT WITH GRANT OPTION') AS i,
  has_table_privilege('asker1', 'guard_asking.t', 'insert with grant option, delete') AS both_forms;
--> one_of:bool | neither:bool | d:bool | i:bool | both_forms:bool
--> t | f | t | f | t
SELECT has_schema_privilege('asker1', 'guard_asking', 'create, usage') AS s, has_schema_privilege('asker1', 'guard_asking', 'create') AS c,
  has_column_privilege('asker1', 'guard_asking.t', 'a', 'update, select') AS a, has_database_privilege('asker1', 'dev', 'create, temporary') AS d,
  has_language_privilege('admin', 'sql', 'usage with grant option') AS l;
--> s:bool | c:bool | a:bool | d:bool | l:bool
--> t | f | t | t | t
-- Tools ask for everybody whom pg_user lists, the catalog's owner too.
SELECT count(*) AS users, sum(CASE WHEN has_table_privilege(usename, 'guard_asking.t', 'delete') THEN 1 ELSE 0 END) AS may FROM pg_user WHERE usename IN ('rdsdb', 'asker1', 'admin');
--> users:int8 | may:int8
--> 3 | 3
SELECT has_table_privilege('guard_asking.t', 'select, dance');
--> ERROR 22023: unrecognized privilege type: "dance"
SHOW GRANTS ON TABLE guard_asking.t;
--> database_name:varchar | schema_name:varchar | object_name:varchar | object_type:varchar | privilege_type:varchar | identity_id:varchar | identity_name:varchar | identity_type:varchar | admin_option:bool | privilege_scope:varchar | grantor_name:varchar
--> dev | guard_asking | t | TABLE | DELETE | … | asker1 | user | t | RELATION | admin
--> dev | guard_asking | t | TABLE | INSERT | … | inner_role1 | role | f | RELATION | admin
--> dev | guard_asking | t.a | COLUMN | SELECT | … | asker1 | user | f | RELATION | admin
GRANT ROLE outer_role1 TO ROLE inner_role1;
--> ERROR 0LP01: role "inner_role1" is a member of role "outer_role1"
DROP ROLE inner_role1;
--> ERROR 2BP01: role "inner_role1" cannot be dropped because it is granted
SET SESSION AUTHORIZATION asker1;
INSERT INTO guard_asking.t (a) VALUES (1);
--> INSERT 0 1
SELECT user_name, superuser FROM svv_user_info;
--> user_name:varchar(128) | superuser:bool
--> asker1 | f
SELECT count(*) FROM svv_relation_privileges WHERE namespace_name = 'guard_asking';
--> count:int8
--> 2
REVOKE ROLE outer_role1 FROM asker1;
--> REVOKE ROLE
INSERT INTO guard_asking.t (a) VALUES (1);
--> ERROR 42501: permission denied for relation t
RESET SESSION AUTHORIZATION;
DROP SCHEMA guard_asking CASCADE;
DROP ROLE outer_role1 FORCE;
DROP ROLE inner_role1 FORCE;
DROP GROUP askers;
DROP USER asker1;
