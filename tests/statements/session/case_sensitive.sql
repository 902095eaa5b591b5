-- With enable_case_sensitive_identifier names in quotes keep their case, are shown so and found so; without it they fold.
-- source: r_enable_case_sensitive_identifier

SET enable_case_sensitive_identifier TO true;
SHOW enable_case_sensitive_identifier;
--> enable_case_sensitive_identifier:varchar
--> on
CREATE TABLE "MixedCasedTable" ("MixedCasedColumn" int, other int, "Sp ace" varchar(5));
INSERT INTO "MixedCasedTable" ("MixedCasedColumn", OTHER) VALUES (1, 2);
SELECT "MixedCasedColumn" FROM "MixedCasedTable";
--> MixedCasedColumn:int4
--> 1
SELECT MixedCasedColumn FROM "MixedCasedTable";
--> ERROR 42703…: column "mixedcasedcolumn" does not exist…
SELECT "MixedCasedColumn" FROM MixedCasedTable;
--> ERROR 42P01…: relation "mixedcasedtable" does not exist
SELECT * FROM "MixedCasedTable" AS "T" WHERE "T"."MixedCasedColumn" = 1 AND "T".Other = 2;
--> MixedCasedColumn:int4 | other:int4 | Sp ace:varchar(5)
--> 1 | 2 | NULL
SELECT T."MixedCasedColumn" FROM "MixedCasedTable" AS "T";
--> ERROR 42P01…
SELECT "A" + "a" AS "Sum", "A", "a" FROM (SELECT 1 AS "A", 20 AS "a") AS d;
--> Sum:int4 | A:int4 | a:int4
--> 21 | 1 | 20
SELECT a."X", b."X" FROM (SELECT 1 AS "X") a, (SELECT 2 AS "X") b;
--> X:int4 | X:int4
--> 1 | 2
WITH "Cte" AS (SELECT 5 AS "N") SELECT "N" FROM "Cte" ORDER BY "N";
--> N:int4
--> 5
SELECT "Kind", count(*) AS "Count" FROM (SELECT 'x' AS "Kind") AS d GROUP BY "Kind" HAVING count(*) > 0;
--> Kind:varchar | Count:int8
--> x | 1
UPDATE "MixedCasedTable" SET "MixedCasedColumn" = 7 WHERE "MixedCasedColumn" = 1;
--> UPDATE 1
SELECT "column" FROM pg_table_def WHERE tablename = 'MixedCasedTable' ORDER BY 1;
--> column:name
--> MixedCasedColumn
--> Sp ace
--> other

-- Views and tables made of queries keep the names, whoever asks.
CREATE VIEW "SeenView" AS SELECT "MixedCasedColumn" AS "Seen" FROM "MixedCasedTable";
CREATE VIEW plain AS SELECT "MixedCasedColumn" AS seen FROM "MixedCasedTable";
CREATE TABLE "CopyOfIt" AS SELECT "MixedCasedColumn" FROM "MixedCasedTable";
SELECT "Seen" FROM "SeenView";
--> Seen:int4
--> 7
CREATE MATERIALIZED VIEW kept AS SELECT "MixedCasedColumn" AS "Kept" FROM "MixedCasedTable";
ALTER TABLE "MixedCasedTable" RENAME TO "RenamedTable";
INSERT INTO "RenamedTable" ("MixedCasedColumn") VALUES (8);
SELECT sum("Seen") FROM "SeenView";
--> sum:int8
--> 15

-- Joined, merged, and in a schema of such a name.
CREATE SCHEMA "CaseSchema";
CREATE TABLE "CaseSchema"."T" ("Id" int, "Val" varchar(5));
INSERT INTO "CaseSchema"."T" SELECT 7, 'x';
SELECT * FROM "CopyOfIt" AS c JOIN "CaseSchema"."T" ON c."MixedCasedColumn" = "T"."Id" JOIN (SELECT 7 AS "Id") AS d USING ("Id");
--> Id:int4 | MixedCasedColumn:int4 | Val:varchar(5)
--> 7 | 7 | x
MERGE INTO "CaseSchema"."T" USING "CopyOfIt" ON "T"."Id" = "CopyOfIt"."MixedCasedColumn" WHEN MATCHED THEN UPDATE SET "Val" = 'y' WHEN NOT MATCHED THEN INSERT ("Id") VALUES ("CopyOfIt"."MixedCasedColumn");
--> MERGE 1
BEGIN;
SET LOCAL search_path TO "CaseSchema";
SELECT "Val" FROM "T";
--> Val:varchar(5)
--> y
COMMIT;
DROP SCHEMA "CaseSchema" CASCADE;

-- Two names that differ only in case are refused: the engine would take them for one.
CREATE TABLE renamedtable (a int);
--> ERROR 0A000: "RenamedTable" exists, and a name that differs from it only in case is not supported
CREATE TABLE two ("a" int, "A" int);
--> ERROR 0A000: columns whose names differ only in case, as "a", are not supported
ALTER TABLE "RenamedTable" ADD COLUMN "OTHER" int;
--> ERROR 0A000: "other" exists, and a name that differs from it only in case is not supported
ALTER TABLE "CopyOfIt" RENAME COLUMN "MixedCasedColumn" TO "mixedCasedColumn";
SELECT "mixedCasedColumn" FROM "CopyOfIt";
--> mixedCasedColumn:int4
--> 7
REFRESH MATERIALIZED VIEW kept;
SELECT "Kept" FROM kept ORDER BY 1;
--> Kept:int4
--> 7
--> 8
UNLOAD ('SELECT "Kept" FROM kept') TO 'case_sensitive/' CSV HEADER;
PREPARE "Asked" (int) AS SELECT "Kept" FROM kept WHERE "Kept" > $1;
EXECUTE "Asked" (7);
--> Kept:int4
--> 8

-- Without the setting, names fold in quotes too.
RESET enable_case_sensitive_identifier;
SELECT "MixedCasedColumn" FROM "RenamedTable";
--> ERROR 42P01…: relation "renamedtable" does not exist
SELECT seen FROM plain ORDER BY 1;
--> seen:int4
--> 7
--> 8
CREATE TABLE "MixedCasedTable2" ("MixedCasedColumn" int);
CREATE TABLE MixedCasedTable2 (MixedCasedColumn int);
--> ERROR 42P07: relation "mixedcasedtable2" already exists
SELECT "MixedCasedColumn" FROM "MixedCasedTable2";
--> mixedcasedcolumn:int4
