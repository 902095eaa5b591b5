-- Procedures of one name differ by their input types; DROP, ALTER, SHOW.
-- source: stored-procedure-naming

CREATE PROCEDURE over(a int) AS $$ BEGIN RAISE INFO 'int'; END $$ LANGUAGE plpgsql;
CREATE PROCEDURE over(a varchar) AS $$ BEGIN RAISE INFO 'varchar'; END $$ LANGUAGE plpgsql;
CREATE PROCEDURE over(a int) AS $$ BEGIN END $$ LANGUAGE plpgsql;
--> ERROR 42723: procedure "over" already exists with same argument types
CALL over(1);
--> INFO: int
--> CALL
CALL over('x');
--> INFO: varchar
--> CALL
CALL over(1.5);
--> ERROR 42883: procedure over(numeric) does not exist
CALL over(now());
--> ERROR 42883: procedure over(timestamp with time zone) does not exist
DROP PROCEDURE over;
--> ERROR 42725: procedure name "over" is not unique
DROP PROCEDURE over(int);
--> DROP PROCEDURE
SHOW PROCEDURE over(varchar);
--> Stored Procedure Definition:varchar
--> CREATE OR REPLACE PROCEDURE …over(a character varying)\nLANGUAGE plpgsql\nAS $$ BEGIN RAISE INFO 'varchar'; END $$\n
ALTER PROCEDURE over(varchar) RENAME TO under;
--> ALTER PROCEDURE
CALL under('x');
--> INFO: varchar
--> CALL
DROP PROCEDURE IF EXISTS over(varchar);
--> NOTICE: procedure "over" does not exist, skipping
--> DROP PROCEDURE
SELECT trim(database) AS db, trim(querytxt) AS q, aborted FROM svl_stored_proc_call WHERE querytxt LIKE '%over(1)%';
--> db:varchar | q:varchar | aborted:int4
--> dev | CALL over(1) | 0
