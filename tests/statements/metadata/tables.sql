-- Tables and views are listed by Redshift's metadata views, each with the columns that its page documents.
-- source: r_SVV_ALL_TABLES

CREATE TABLE orders (id integer NOT NULL DISTKEY SORTKEY, note varchar(20) ENCODE zstd);
CREATE VIEW open_orders AS SELECT id FROM orders;
COMMENT ON TABLE orders IS 'what was ordered';
SELECT table_catalog, table_name, table_type, remarks FROM svv_tables WHERE table_schema = current_schema() ORDER BY 2;
--> table_catalog:varchar(128) | table_name:varchar(128) | table_type:varchar(128) | remarks:varchar
--> dev | open_orders | VIEW | NULL
--> dev | orders | BASE TABLE | what was ordered
SELECT database_name, table_name, table_acl, table_type, remarks FROM pg_catalog.svv_all_tables WHERE schema_name = current_schema() ORDER BY 2;
--> database_name:varchar(128) | table_name:varchar(128) | table_acl:varchar(128) | table_type:varchar(128) | remarks:varchar
--> dev | open_orders | NULL | VIEW | NULL
--> dev | orders | NULL | TABLE | what was ordered
SELECT table_name, table_type, table_owner FROM svv_redshift_tables WHERE schema_name = current_schema() ORDER BY 1;
--> table_name:varchar(128) | table_type:varchar(128) | table_owner:varchar(128)
--> open_orders | VIEW | admin
--> orders | TABLE | admin
SELECT schema_type, source_database FROM svv_all_schemas WHERE schema_name = current_schema();
--> schema_type:varchar(128) | source_database:varchar(128)
--> local | NULL
SELECT count(*) FROM svv_redshift_schemas WHERE schema_name IN ('pg_catalog', 'information_schema', 'public');
--> count:int8
--> 3
SELECT database_name, database_type FROM svv_redshift_databases;
--> database_name:varchar(128) | database_type:varchar(32)
--> dev | local
