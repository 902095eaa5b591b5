-- Key columns of a table made of a query may stand by their numbers; a table made of definitions takes names.
-- source: r_CTAS_examples

CREATE TABLE event (eventid INTEGER, venueid INTEGER, dateid INTEGER, eventname VARCHAR(200));
CREATE TABLE eventdistsort DISTKEY (1) SORTKEY (1,3) AS SELECT eventid, venueid, dateid, eventname FROM event;
SELECT "column", distkey, sortkey FROM pg_table_def WHERE tablename = 'eventdistsort' ORDER BY sortkey DESC, 1;
--> column:name | distkey:bool | sortkey:int4
--> dateid | f | 2
--> eventid | t | 1
--> eventname | f | 0
--> venueid | f | 0
CREATE TABLE other SORTKEY (5) AS SELECT eventid FROM event;
--> ERROR 42703: column "5" named in key does not exist
CREATE TABLE other (a INTEGER) SORTKEY (1);
--> ERROR 42703: column "1" named in key does not exist
CREATE MATERIALIZED VIEW seen DISTKEY(2) SORTKEY(1) AUTO REFRESH NO AS SELECT eventid, venueid FROM event;
SELECT column_name, distkey, sortkey FROM svv_redshift_columns WHERE schema_name = current_schema() AND table_name = 'seen' ORDER BY 1;
--> column_name:varchar(128) | distkey:bool | sortkey:int4
--> eventid | f | 1
--> venueid | t | 0
