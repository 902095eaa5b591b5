-- SHOW lists databases, schemas, tables and columns; LIKE is case-sensitive, LIMIT cuts.
-- source: r_SHOW_TABLES

CREATE TABLE orders (id integer NOT NULL SORTKEY, note varchar(20) DEFAULT 'x' ENCODE zstd) DISTKEY (id);
CREATE VIEW order_ids AS SELECT id FROM orders;
SHOW DATABASES;
--> database_name:varchar(128) | database_owner:int4 | database_type:varchar(32) | database_acl:varchar(128) | parameters:varchar | database_isolation_level:varchar(128)
--> dev | 100 | local | admin=CT/admin~=T/admin | NULL | Snapshot Isolation
SHOW DATABASES LIKE 'D%';
--> database_name:varchar(128) | database_owner:int4 | database_type:varchar(32) | database_acl:varchar(128) | parameters:varchar | database_isolation_level:varchar(128)
SHOW SCHEMAS FROM DATABASE dev LIKE 'publi_';
--> database_name:varchar(128) | schema_name:varchar(128) | schema_owner:int4 | schema_type:varchar(128) | schema_acl:varchar(128) | source_database:varchar(128) | schema_option:varchar(128)
--> dev | public | 100 | local | admin=UC/admin~=UC/admin | NULL | NULL
CREATE SCHEMA shown_schema;
CREATE TABLE shown_schema.orders (id integer NOT NULL SORTKEY, note varchar(20) DEFAULT 'x' ENCODE zstd) DISTKEY (id);
CREATE VIEW shown_schema.order_ids AS SELECT id FROM shown_schema.orders;
SHOW TABLES FROM SCHEMA dev.shown_schema;
--> database_name:varchar(128) | schema_name:varchar(128) | table_name:varchar(128) | table_type:varchar(128) | table_acl:varchar(128) | remarks:varchar(256) | owner:varchar(128) | last_altered_time:timestamp | last_modified_time:timestamp | dist_style:varchar(128) | table_subtype:varchar(128)
--> dev | shown_schema | order_ids | VIEW | NULL | NULL | admin | NULL | NULL | NULL | REGULAR VIEW
--> dev | shown_schema | orders | TABLE | NULL | NULL | admin | NULL | NULL | KEY(id) | REGULAR TABLE
SHOW TABLES FROM SCHEMA shown_schema LIKE 'order\_%' LIMIT 5;
--> database_name:varchar(128) | schema_name:varchar(128) | table_name:varchar(128) | table_type:varchar(128) | table_acl:varchar(128) | remarks:varchar(256) | owner:varchar(128) | last_altered_time:timestamp | last_modified_time:timestamp | dist_style:varchar(128) | table_subtype:varchar(128)
--> dev | shown_schema | order_ids | VIEW | NULL | NULL | admin | NULL | NULL | NULL | REGULAR VIEW
SHOW COLUMNS FROM TABLE dev.shown_schema.orders;
--> database_name:varchar(128) | schema_name:varchar(128) | table_name:varchar(128) | column_name:varchar(128) | ordinal_position:int4 | column_default:varchar(4000) | is_nullable:varchar(3) | data_type:varchar(128) | character_maximum_length:int4 | numeric_precision:int4 | numeric_scale:int4 | remarks:varchar(256) | sort_key_type:varchar(32) | sort_key:int4 | dist_key:int4 | encoding:varchar(32) | collation:varchar(32)
--> dev | shown_schema | orders | id | 1 | NULL | NO | integer | NULL | 32 | 0 | NULL | COMPOUND | 1 | 1 | none | NULL
--> dev | shown_schema | orders | note | 2 | 'x' | YES | character varying | 20 | NULL | NULL | NULL | NULL | 0 | 0 | zstd | default
SHOW COLUMNS FROM TABLE shown_schema.orders LIKE 'i%' LIMIT 0;
--> database_name:varchar(128) | schema_name:varchar(128) | table_name:varchar(128) | column_name:varchar(128) | ordinal_position:int4 | column_default:varchar(4000) | is_nullable:varchar(3) | data_type:varchar(128) | character_maximum_length:int4 | numeric_precision:int4 | numeric_scale:int4 | remarks:varchar(256) | sort_key_type:varchar(32) | sort_key:int4 | dist_key:int4 | encoding:varchar(32) | collation:varchar(32)
DROP SCHEMA shown_schema CASCADE;
SHOW TABLES FROM SCHEMA nowhere;
--> ERROR 3F000: schema "nowhere" does not exist
SHOW TABLES FROM SCHEMA elsewhere.public;
--> ERROR 3D000: database "elsewhere" does not exist
SHOW SCHEMAS FROM DATABASE elsewhere;
--> ERROR 3D000: database "elsewhere" does not exist
SHOW COLUMNS FROM TABLE nothing;
--> ERROR 42P01: relation "nothing" does not exist
SHOW COLUMNS FROM TABLE orders LIMIT 10001;
--> ERROR 22023 at 38: LIMIT must be between 0 and 10000
SHOW DATABASES FROM DATA CATALOG;
--> ERROR 0A000 at 16: SHOW DATABASES FROM DATA CATALOG is not supported
SHOW TABLES;
--> ERROR 42601 at 12: syntax error at end of input
