-- PIVOT turns values to columns, UNPIVOT back.
-- source: r_FROM_clause-pivot-unpivot-examples

CREATE TABLE part (partname varchar(10), price numeric(8,2));
INSERT INTO part VALUES ('prop', 10), ('prop', 20), ('rudder', 5), ('wing', 7);
SELECT * FROM (SELECT partname, price FROM part) PIVOT (AVG(price) FOR partname IN ('prop', 'rudder', 'wing'));
--> ERROR 0A000 at 23: PIVOT and UNPIVOT in FROM is not supported
CREATE TABLE counts (quality varchar(10), red integer, green integer);
INSERT INTO counts VALUES ('high', 15, 20), ('low', 35, NULL);
SELECT * FROM counts UNPIVOT (cnt FOR color IN (red, green)) ORDER BY 1, 2;
--> ERROR 0A000 at 15: PIVOT and UNPIVOT in FROM is not supported
