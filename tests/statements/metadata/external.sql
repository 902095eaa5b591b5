-- External tables stand in the metadata views beside local ones, and SHOW EXTERNAL TABLE prints their DDL.
-- source: r_SHOW_EXTERNAL_TABLE

CREATE EXTERNAL SCHEMA shown_lake FROM DATA CATALOG DATABASE 'shown_db' CREATE EXTERNAL DATABASE IF NOT EXISTS;
CREATE EXTERNAL TABLE shown_lake.visits (id int, price decimal(10,2), note varchar(20), at timestamp) PARTITIONED BY (day date) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' NULL DEFINED AS '\\N' STORED AS TEXTFILE LOCATION 'shown/visits/' TABLE PROPERTIES ('skip.header.line.count'='1');
ALTER TABLE shown_lake.visits ADD PARTITION (day='2026-01-02') LOCATION 'shown/visits/day=2026-01-02/';
SELECT table_name, table_type FROM svv_tables WHERE table_schema = 'shown_lake';
--> table_name:varchar(128) | table_type:varchar(128)
--> visits | EXTERNAL TABLE
SELECT schema_type, source_database FROM svv_all_schemas WHERE schema_name = 'shown_lake';
--> schema_type:varchar(128) | source_database:varchar(128)
--> external | shown_db
SELECT column_name, ordinal_position, data_type, character_maximum_length, numeric_precision, numeric_scale FROM svv_all_columns WHERE schema_name = 'shown_lake' ORDER BY 2;
--> column_name:varchar(128) | ordinal_position:int4 | data_type:varchar(128) | character_maximum_length:int4 | numeric_precision:int4 | numeric_scale:int4
--> id | 1 | integer | NULL | 32 | 0
--> price | 2 | numeric | NULL | 10 | 2
--> note | 3 | character varying | 20 | NULL | NULL
--> at | 4 | timestamp without time zone | NULL | NULL | NULL
--> day | 5 | date | NULL | NULL | NULL
SHOW TABLES FROM SCHEMA shown_lake;
--> database_name:varchar(128) | schema_name:varchar(128) | table_name:varchar(128) | table_type:varchar(128) | table_acl:varchar(128) | remarks:varchar(256) | owner:varchar(128) | last_altered_time:timestamp | last_modified_time:timestamp | dist_style:varchar(128) | table_subtype:varchar(128)
--> dev | shown_lake | visits | EXTERNAL TABLE | NULL | NULL | NULL | NULL | NULL | NULL | EXTERNAL TABLE
SHOW EXTERNAL TABLE shown_lake.visits PARTITION;
--> Show External Table DDL statement:varchar
--> CREATE EXTERNAL TABLE shown_lake.visits (\n    id integer,\n    price numeric(10,2),\n    note character varying(20),\n    at timestamp without time zone\n)\nPARTITIONED BY (\n    day date\n)\nROW FORMAT DELIMITED FIELDS TERMINATED BY '\\011' NULL DEFINED AS '\\134N'\nSTORED AS TEXTFILE\nLOCATION '…shown/visits/'\nTABLE PROPERTIES ('skip.header.line.count'='1');\nALTER TABLE shown_lake.visits ADD IF NOT EXISTS PARTITION (day='2026-01-02') LOCATION '…shown/visits/day=2026-01-02/';
SHOW TABLE shown_lake.visits;
--> ERROR 42809: "visits" is not a table
DROP SCHEMA shown_lake DROP EXTERNAL DATABASE CASCADE;
