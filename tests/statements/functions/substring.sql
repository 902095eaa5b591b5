-- SUBSTRING counts from 1; a start before the text uses up length.
-- source: r_SUBSTRING

SELECT SUBSTRING('abc', -1, 3) AS before, SUBSTRING('caterpillar', 6, 4) AS pill, SUBSTRING('caterpillar', 6) AS rest, SUBSTRING('abc', 0, 2) AS zero, SUBSTR('abc', 5) AS beyond;
--> before:varchar | pill:varchar | rest:varchar | zero:varchar | beyond:varchar
--> a | pill | pillar | a | ''
SELECT SUBSTRING('abc' FROM 2 FOR 1) AS from_for, SUBSTRING('abc', 2, 0) AS empty, SUBSTRING(NULL, 1, 2) AS nothing, SUBSTRING('äöü', 2, 1) AS characters;
--> from_for:varchar | empty:varchar | nothing:varchar | characters:varchar
--> b | '' | NULL | ö
SELECT SUBSTRING('abc', 1, -1);
--> ERROR 22011: negative substring length not allowed
