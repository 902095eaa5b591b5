-- svv_external_tables names each format's classes, and shows properties as one JSON object each.
-- source: r_SVV_EXTERNAL_TABLES

CREATE EXTERNAL SCHEMA lk_shown FROM DATA CATALOG DATABASE 'lk_shown' CREATE EXTERNAL DATABASE IF NOT EXISTS;
CREATE EXTERNAL TABLE lk_shown.a (id integer) STORED AS PARQUET LOCATION 'statements_shown/a/' TABLE PROPERTIES ('numRows'='170000', 'note'='a "b"');
CREATE EXTERNAL TABLE lk_shown.b (id integer) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES ('separatorChar'=',', 'quoteChar'='"') STORED AS TEXTFILE LOCATION 'statements_shown/b/';
CREATE EXTERNAL TABLE lk_shown.c (id integer) STORED AS ORC LOCATION 'statements_shown/c/';
SELECT tablename, serialization_lib, serde_parameters, parameters FROM svv_external_tables WHERE schemaname = 'lk_shown' ORDER BY 1;
--> tablename:varchar(128) | serialization_lib:varchar | serde_parameters:varchar | parameters:varchar
--> a | org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe | '' | {"numrows":"170000","note":"a \\"b\\""}
--> b | org.apache.hadoop.hive.serde2.OpenCSVSerde | {"separatorChar":",","quoteChar":"\\""} | ''
--> c | org.apache.hadoop.hive.ql.io.orc.OrcSerde | '' | ''
SELECT input_format, output_format FROM svv_external_tables WHERE schemaname = 'lk_shown' AND tablename = 'c';
--> input_format:varchar | output_format:varchar
--> org.apache.hadoop.hive.ql.io.orc.OrcInputFormat | org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat
DROP SCHEMA lk_shown DROP EXTERNAL DATABASE CASCADE;
--> DROP SCHEMA
