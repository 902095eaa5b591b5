-- What COPY knows and does not support is refused by name; so are options that do not go together, or come twice.
-- source: r_COPY

CREATE TABLE t (id integer);
COPY t FROM 'x' ENCRYPTED;
--> ERROR 0A000 at 17: COPY option ENCRYPTED is not supported
COPY t FROM 'x' MASTER_SYMMETRIC_KEY 'k';
--> ERROR 0A000 at 17: COPY option MASTER_SYMMETRIC_KEY is not supported
COPY t FROM 'x' SSH;
--> ERROR 0A000 at 17: COPY option SSH is not supported
COPY t FROM 'dynamodb://t' READRATIO 50;
--> ERROR 0A000 at 28: COPY option READRATIO is not supported
COPY t FROM 'dynamodb://t';
--> ERROR 0A000: COPY from a DynamoDB table is not supported
COPY t FROM 'emr://cluster/folder';
--> ERROR 0A000: COPY from an Amazon EMR cluster is not supported
COPY t FROM 'x' SHAPEFILE;
--> ERROR 0A000 at 17: COPY format SHAPEFILE is not supported
COPY t FROM 'x' FORMAT SHAPEFILE SIMPLIFY AUTO;
--> ERROR 0A000 at 24: COPY format SHAPEFILE is not supported
COPY t FROM 'https://somewhere/x';
--> ERROR 22023: the scheme "https://" is not supported
COPY t FROM 'x' PARQUET DELIMITER ',';
--> ERROR 22023 at 25: COPY option DELIMITER cannot be used with PARQUET
COPY t FROM 'x' PARQUET MAXERROR 5;
--> ERROR 22023 at 25: COPY option MAXERROR cannot be used with PARQUET
COPY t FROM 'x' ORC GZIP;
--> ERROR 22023: COPY from ORC takes no compression option: the files know their own
COPY t FROM 'x' AVRO ENCODING UTF16;
--> ERROR 22023 at 22: COPY from AVRO takes no ENCODING but UTF8
COPY t FROM 'x' AVRO 'noshred';
--> ERROR 22023 at 22: AVRO has no 'noshred'
COPY t FROM 'x' MAXERROR 5 IGNOREALLERRORS;
--> ERROR 22023 at 28: COPY options IGNOREALLERRORS and MAXERROR cannot be used together
COPY t FROM 'x' MAXERROR 100001;
--> ERROR 22023 at 17: COPY MAXERROR must be between 0 and 100000
COPY t FROM 'x' GZIP BZIP2;
--> ERROR 22023 at 22: COPY takes one compression
COPY t FROM 'x' CSV JSON;
--> ERROR 22023 at 21: COPY takes one format
COPY t FROM 'x' ESCAPE ESCAPE;
--> ERROR 22023 at 24: COPY option ESCAPE is given twice
COPY t FROM 'x' FIXEDWIDTH 'a:1,b:2' ESCAPE;
--> ERROR 22023 at 38: COPY option ESCAPE cannot be used with FIXEDWIDTH
COPY t FROM 'x' FIXEDWIDTH 'a:1,b:2';
--> ERROR 22023: FIXEDWIDTH names 2 fields where 1 columns are loaded
COPY t FROM 'x' ENCODING UTF7;
--> ERROR 42601 at 26: syntax error at or near "UTF7"
COPY t FROM 'x' EXPLICIT_IDS;
--> ERROR 22023: EXPLICIT_IDS needs the IDENTITY column among the columns to load
COPY t FROM 'x' SURPRISE;
--> ERROR 42601 at 17: syntax error at or near "SURPRISE"
COPY t FROM 'x' ACCESS_KEY_ID 'AKIASECRETSECRETSECR' SECRET_ACCESS_KEY 'hush' IAM_ROLE default;
--> ERROR 22023: only one kind of authorization can be given: IAM_ROLE, keys or SECRET
COPY t FROM 's3://bucket/x' SECRET 'nobody';
--> ERROR 42704: secret "nobody" does not exist
SELECT count(*) FROM stl_query WHERE querytxt LIKE '%hush%' AND querytxt NOT LIKE '%stl_query%';
--> count:int8
--> 0
