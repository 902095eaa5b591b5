-- A view WITH NO SCHEMA BINDING looks its tables up at each use.
-- source: r_CREATE_VIEW

CREATE VIEW late AS SELECT a FROM later WITH NO SCHEMA BINDING;
SELECT * FROM late;
--> ERROR 42P01 at 15: relation "later" does not exist
CREATE TABLE later (a integer);
INSERT INTO later VALUES (1);
SELECT * FROM late;
--> a:int4
--> 1
DROP TABLE later;
CREATE TABLE later (a varchar(5));
INSERT INTO later VALUES ('now');
SELECT * FROM late;
--> a:varchar(5)
--> now
