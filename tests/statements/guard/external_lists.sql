-- Lists of external schemas, tables and columns are for who may use the schema.
-- source: r_SVV_EXTERNAL_TABLES
CREATE EXTERNAL SCHEMA guard_lake FROM DATA CATALOG DATABASE 'guarded' CREATE EXTERNAL DATABASE IF NOT EXISTS;
CREATE EXTERNAL TABLE guard_lake.far (id integer) STORED AS PARQUET LOCATION 'guarded_far/';
CREATE USER fisher1 PASSWORD 'Fisher1Pass';
SELECT schemaname, tablename FROM svv_external_tables WHERE schemaname = 'guard_lake';
--> schemaname:varchar(128) | tablename:varchar(128)
--> guard_lake | far
SET SESSION AUTHORIZATION fisher1;
SELECT schemaname FROM svv_external_schemas WHERE schemaname = 'guard_lake';
--> schemaname:varchar(128)
SELECT t.tablename FROM svv_external_tables AS t JOIN svv_external_columns AS c ON c.tablename = t.tablename
WHERE t.schemaname = 'guard_lake';
--> tablename:varchar(128)
SELECT table_name FROM svv_all_tables WHERE schema_name = 'guard_lake';
--> table_name:varchar(128)
SELECT table_name FROM information_schema.tables WHERE table_schema = 'guard_lake';
--> table_name:name
RESET SESSION AUTHORIZATION;
GRANT USAGE ON SCHEMA guard_lake TO fisher1;
SET SESSION AUTHORIZATION fisher1;
SELECT t.tablename, c.columnname FROM svv_external_tables AS t JOIN svv_external_columns AS c ON c.tablename = t.tablename
WHERE t.schemaname = 'guard_lake';
--> tablename:varchar(128) | columnname:varchar(128)
--> far | id
SELECT table_name FROM svv_all_tables WHERE schema_name = 'guard_lake';
--> table_name:varchar(128)
--> far
SELECT table_name FROM information_schema.tables WHERE table_schema = 'guard_lake';
--> table_name:name
--> far
RESET SESSION AUTHORIZATION;
REVOKE USAGE ON SCHEMA guard_lake FROM fisher1;
DROP TABLE guard_lake.far;
DROP SCHEMA guard_lake;
DROP USER fisher1;
