-- SHOW TABLE and SHOW VIEW print the DDL that would make the relation again.
-- source: r_SHOW_TABLE

CREATE SCHEMA ddl_schema;
CREATE TABLE ddl_schema.orders (id bigint IDENTITY(1,1), "select" varchar(20) DEFAULT 'it''s' NOT NULL ENCODE zstd, price numeric(10,2) DEFAULT 1.5, PRIMARY KEY (id)) DISTSTYLE KEY DISTKEY (id) INTERLEAVED SORTKEY (price, id) BACKUP NO;
SHOW TABLE ddl_schema.orders;
--> Show Table DDL statement:varchar
--> CREATE TABLE ddl_schema.orders (\n    id bigint IDENTITY(1,1) NOT NULL,\n    "select" character varying(20) DEFAULT 'it''s' NOT NULL ENCODE zstd,\n    price numeric(10,2) DEFAULT 1.5,\n    PRIMARY KEY (id)\n)\nBACKUP NO\nDISTSTYLE KEY\nDISTKEY (id)\nINTERLEAVED SORTKEY (price, id);
CREATE TEMP TABLE passing (id integer);
SHOW TABLE passing;
--> Show Table DDL statement:varchar
--> CREATE TEMPORARY TABLE passing (\n    id integer\n)\nDISTSTYLE AUTO;
CREATE VIEW ddl_schema.cheap AS SELECT id FROM ddl_schema.orders WHERE price < 2;
SHOW VIEW ddl_schema.cheap;
--> Show View DDL statement:varchar
--> CREATE OR REPLACE VIEW ddl_schema.cheap AS\nSELECT id FROM ddl_schema.orders WHERE price < 2;
CREATE VIEW ddl_schema.later AS SELECT 1 AS one WITH NO SCHEMA BINDING;
SHOW VIEW ddl_schema.later;
--> Show View DDL statement:varchar
--> CREATE OR REPLACE VIEW ddl_schema.later AS\nSELECT 1 AS one\nWITH NO SCHEMA BINDING;
SHOW TABLE ddl_schema.cheap;
--> ERROR 42809: "cheap" is not a table
SHOW VIEW ddl_schema.orders;
--> ERROR 42809: "orders" is not a view
SHOW EXTERNAL TABLE ddl_schema.orders;
--> ERROR 42809: "orders" is not an external table
SHOW TABLE ddl_schema.nothing;
--> ERROR 42P01: relation "ddl_schema.nothing" does not exist
SHOW PROCEDURE nothing();
--> ERROR 42883: procedure nothing() does not exist
DROP SCHEMA ddl_schema CASCADE;
CREATE SCHEMA mv_schema;
CREATE TABLE mv_schema.base (id integer);
CREATE MATERIALIZED VIEW mv_schema.mv AS SELECT id FROM mv_schema.base;
SHOW VIEW mv_schema.mv;
--> Show View DDL statement:varchar
--> CREATE MATERIALIZED VIEW mv_schema.mv AS\nSELECT id FROM mv_schema.base;
SELECT table_name, table_type FROM svv_all_tables WHERE schema_name = 'mv_schema' ORDER BY 1;
--> table_name:varchar(128) | table_type:varchar(128)
--> base | TABLE
--> mv | VIEW
SHOW TABLES FROM SCHEMA mv_schema LIKE 'mv';
--> database_name:varchar(128) | schema_name:varchar(128) | table_name:varchar(128) | table_type:varchar(128) | table_acl:varchar(128) | remarks:varchar(256) | owner:varchar(128) | last_altered_time:timestamp | last_modified_time:timestamp | dist_style:varchar(128) | table_subtype:varchar(128)
--> dev | mv_schema | mv | VIEW | NULL | NULL | admin | NULL | NULL | NULL | MATERIALIZED VIEW
DROP SCHEMA mv_schema CASCADE;
