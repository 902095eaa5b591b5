-- CONCAT and || give NULL where either side is NULL.
-- source: r_CONCAT

SELECT CONCAT('a', NULL) AS nothing, CONCAT('a', 'b') AS ab, 'a' || NULL AS also_nothing, CONCAT(CONCAT('a', 1), 'c') AS nested;
--> nothing:varchar | ab:varchar | also_nothing:varchar | nested:varchar
--> NULL | ab | NULL | a1c
SELECT CONCAT('a');
--> ERROR 42883 at 8: function concat(character varying) does not exist
SELECT CONCAT('a', 'b', 'c');
--> ERROR 42883 at 8: function concat(character varying, character varying, character varying) does not exist
