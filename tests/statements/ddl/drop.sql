-- DROP takes several, tolerates what is missing if told, and refuses what others stand on.
-- source: r_DROP_TABLE

CREATE TABLE a (x integer);
CREATE TABLE b (x integer);
CREATE VIEW va AS SELECT x FROM a;
CREATE VIEW vva AS SELECT x FROM va;
DROP TABLE a;
--> ERROR 2BP01: cannot drop table a because other objects depend on it
DROP TABLE a, b;
--> ERROR 2BP01: cannot drop table a because other objects depend on it
DROP VIEW va;
--> ERROR 2BP01: cannot drop view va because other objects depend on it
DROP TABLE a CASCADE;
SELECT * FROM vva;
--> ERROR 42P01 at 15: relation "vva" does not exist
DROP TABLE IF EXISTS a, b;
--> NOTICE: table "a" does not exist, skipping
--> DROP TABLE
DROP TABLE b;
--> ERROR 42P01: table "b" does not exist
DROP VIEW IF EXISTS va;
--> NOTICE: view "va" does not exist, skipping
--> DROP VIEW
CREATE TABLE c (x integer);
DROP VIEW c;
--> ERROR 42809: "c" is not a view
CREATE VIEW vc AS SELECT x FROM c;
DROP TABLE vc;
--> ERROR 42809: "vc" is not a table
