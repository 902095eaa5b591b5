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
--> ERROR 0A000 at 6: SHOW PROCEDURE is not supported
DROP SCHEMA ddl_schema CASCADE;
