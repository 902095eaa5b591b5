-- Two groups share a table: one reads it, one does everything with it but own it; nobody else sees it.
-- source: r_GRANT
CREATE SCHEMA redshift_schema;
CREATE TABLE redshift_schema.AWSBilling201910 (lineitem_usageamount varchar(100), cost decimal(9,2));
INSERT INTO redshift_schema.AWSBilling201910 VALUES ('12', 3.50);
create group finance;
--> CREATE GROUP
create group admin;
--> CREATE GROUP
create user finance1 password 'finance1Pass'
in group finance;
--> CREATE USER
create user finance2 password 'finance2Pass'
in group finance;
--> CREATE USER
create user admin1 password 'admin1Pass'
in group admin;
--> CREATE USER
create user outside1 password 'outside1Pass';
--> CREATE USER
grant usage on schema redshift_schema to group finance, group admin;
--> GRANT
grant select on table redshift_schema.AWSBilling201910 to group finance;
--> GRANT
grant all on table redshift_schema.AWSBilling201910 to group admin;
--> GRANT

SET SESSION AUTHORIZATION finance1;
SELECT current_user, session_user;
--> current_user:name | session_user:name
--> finance1 | finance1
SELECT * FROM redshift_schema.awsbilling201910;
--> lineitem_usageamount:varchar(100) | cost:numeric(9,2)
--> 12 | 3.50
alter table redshift_schema.AWSBilling201910 rename to mine;
--> ERROR 42501: must be owner of relation awsbilling201910
INSERT INTO redshift_schema.awsbilling201910 VALUES ('1', 1);
--> ERROR 42501: permission denied for relation awsbilling201910
UPDATE redshift_schema.awsbilling201910 SET cost = 0;
--> ERROR 42501: permission denied for relation awsbilling201910
DELETE FROM redshift_schema.awsbilling201910;
--> ERROR 42501: permission denied for relation awsbilling201910
TRUNCATE redshift_schema.awsbilling201910;
--> ERROR 42501: must be owner of relation awsbilling201910
DROP TABLE redshift_schema.awsbilling201910;
--> ERROR 42501: must be owner of relation awsbilling201910
GRANT SELECT ON redshift_schema.awsbilling201910 TO outside1;
--> ERROR 42501: permission denied for relation awsbilling201910
CREATE TABLE redshift_schema.other (id integer);
--> ERROR 42501: permission denied for schema redshift_schema

RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION admin1;
INSERT INTO redshift_schema.awsbilling201910 VALUES ('1', 1);
--> INSERT 0 1
UPDATE redshift_schema.awsbilling201910 SET cost = cost + 1 WHERE cost = 1;
--> UPDATE 1
DELETE FROM redshift_schema.awsbilling201910 WHERE cost = 2;
--> DELETE 1
ALTER TABLE redshift_schema.awsbilling201910 OWNER TO admin1;
--> ERROR 42501: must be owner of relation awsbilling201910

RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION outside1;
SELECT * FROM redshift_schema.awsbilling201910;
--> ERROR 42501: permission denied for schema redshift_schema

RESET SESSION AUTHORIZATION;
ALTER GROUP finance DROP USER finance2;
--> ALTER GROUP
SET SESSION AUTHORIZATION finance2;
SELECT * FROM redshift_schema.awsbilling201910;
--> ERROR 42501: permission denied for schema redshift_schema
RESET SESSION AUTHORIZATION;
DROP GROUP finance;
--> ERROR 55006: group "finance" cannot be dropped because the group has a privilege on some object
DROP SCHEMA redshift_schema CASCADE;
DROP GROUP finance;
--> DROP GROUP
DROP GROUP admin;
--> DROP GROUP
DROP USER finance1, finance2, admin1, outside1;
--> DROP USER
