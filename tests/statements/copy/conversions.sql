-- What COPY makes of dates, times, decimals, booleans and texts that do not simply fit.
-- source: copy-parameters-data-conversion
-- file copy_values/dates: 1|31.12.2020\n2|yesterday\n
-- file copy_values/auto: 3|Jan 8, 1999\n4|20080815\n5|12/31/2020\n
-- file copy_values/times: 1|2020-01-02 03:04:05.678\n
-- file copy_values/own: 2|02/01/2020 03.04.05 PM\n
-- file copy_values/seconds: 3|1577934245\n
-- file copy_values/milliseconds: 4|1577934245678\n
-- file copy_values/iso: 5|2020-01-02T03:04:05Z\n
-- file copy_values/decimals: 1|20.259\n2|-20.259\n3|1e2\n4|7\n
-- file copy_values/truths: 1|t\n2|FALSE\n3|y\n4|0\n5|\n
-- file copy_values/texts: 1|toolongtext\n2|\xc3\xa9\xc3\xa9\xc3\xa9\n
-- file copy_values/widths: 1  ab caf\xc3\xa9 \n22 cd x    \n

CREATE TABLE dates (id integer, d date);
COPY dates FROM 'copy_values/dates' DATEFORMAT 'DD.MM.YYYY' ACCEPTANYDATE;
--> INFO: Load into table 'dates' completed, 2 record(s) loaded successfully.
--> COPY
COPY dates FROM 'copy_values/auto' DATEFORMAT AS 'auto';
--> INFO: Load into table 'dates' completed, 3 record(s) loaded successfully.
--> COPY
SELECT * FROM dates ORDER BY id;
--> id:int4 | d:date
--> 1 | 2020-12-31
--> 2 | NULL
--> 3 | 1999-01-08
--> 4 | 2008-08-15
--> 5 | 2020-12-31
CREATE TABLE times (id integer, at timestamp);
COPY times FROM 'copy_values/times';
--> INFO: Load into table 'times' completed, 1 record(s) loaded successfully.
--> COPY
COPY times FROM 'copy_values/own' TIMEFORMAT 'DD/MM/YYYY HH12.MI.SS AM';
--> INFO: Load into table 'times' completed, 1 record(s) loaded successfully.
--> COPY
COPY times FROM 'copy_values/seconds' TIMEFORMAT AS 'epochsecs';
--> INFO: Load into table 'times' completed, 1 record(s) loaded successfully.
--> COPY
COPY times FROM 'copy_values/milliseconds' TIMEFORMAT 'epochmillisecs';
--> INFO: Load into table 'times' completed, 1 record(s) loaded successfully.
--> COPY
COPY times FROM 'copy_values/iso' TIMEFORMAT 'auto';
--> INFO: Load into table 'times' completed, 1 record(s) loaded successfully.
--> COPY
SELECT * FROM times ORDER BY id;
--> id:int4 | at:timestamp
--> 1 | 2020-01-02 03:04:05.678
--> 2 | 2020-01-02 15:04:05
--> 3 | 2020-01-02 03:04:05
--> 4 | 2020-01-02 03:04:05.678
--> 5 | 2020-01-02 03:04:05
CREATE TABLE decimals (id integer, d numeric(9,2));
COPY decimals FROM 'copy_values/decimals';
--> INFO: Load into table 'decimals' completed, 4 record(s) loaded successfully.
--> COPY
COPY decimals FROM 'copy_values/decimals' ROUNDEC;
--> INFO: Load into table 'decimals' completed, 4 record(s) loaded successfully.
--> COPY
SELECT * FROM decimals ORDER BY id, d;
--> id:int4 | d:numeric(9,2)
--> 1 | 20.25
--> 1 | 20.26
--> 2 | -20.26
--> 2 | -20.25
--> 3 | 100.00
--> 3 | 100.00
--> 4 | 7.00
--> 4 | 7.00
CREATE TABLE truths (id integer, b boolean);
COPY truths FROM 'copy_values/truths';
--> INFO: Load into table 'truths' completed, 5 record(s) loaded successfully.
--> COPY
SELECT * FROM truths ORDER BY id;
--> id:int4 | b:bool
--> 1 | t
--> 2 | f
--> 3 | t
--> 4 | f
--> 5 | NULL
CREATE TABLE texts (id integer, s varchar(5));
COPY texts FROM 'copy_values/texts' TRUNCATECOLUMNS;
--> INFO: Load into table 'texts' completed, 2 record(s) loaded successfully.
--> COPY
SELECT * FROM texts ORDER BY id;
--> id:int4 | s:varchar(5)
--> 1 | toolo
--> 2 | éé
CREATE TABLE widths (id integer, code char(2), name varchar(5));
COPY widths FROM 'copy_values/widths' FIXEDWIDTH 'id:3,code:3,name:5' TRIMBLANKS;
--> INFO: Load into table 'widths' completed, 2 record(s) loaded successfully.
--> COPY
SELECT * FROM widths ORDER BY id;
--> id:int4 | code:char(2) | name:varchar(5)
--> 1 | ab | café
--> 22 | cd | x
COPY dates FROM 'copy_values/dates' DATEFORMAT 'DD.QQ.YYYY';
--> ERROR 22023: "DD.QQ.YYYY" is not a date or time format: "QQ.YYYY" is not known
