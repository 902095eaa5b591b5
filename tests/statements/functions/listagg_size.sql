-- LISTAGG refuses a result that no VARCHAR holds, grouped and over a window.
-- source: r_LISTAGG

CREATE TABLE words (n int, word varchar(1000));
INSERT INTO words SELECT 1, repeat('x', 1000);
INSERT INTO words SELECT n, word FROM words;
INSERT INTO words SELECT n, word FROM words;
INSERT INTO words SELECT n, word FROM words;
INSERT INTO words SELECT n, word FROM words;
INSERT INTO words SELECT n, word FROM words;
INSERT INTO words SELECT n, word FROM words;
SELECT len(listagg(word)) AS just_fits FROM words;
--> just_fits:int4
--> 64000
SELECT len(listagg(word, '1234567890123456789012345')) AS too_long FROM words;
--> ERROR 54000: Result size exceeds LISTAGG limit
SELECT listagg(word, '1234567890123456789012345') WITHIN GROUP (ORDER BY word) OVER (PARTITION BY n) AS too_long FROM words LIMIT 1;
--> ERROR 54000: Result size exceeds LISTAGG limit
SELECT listagg(word) FROM words WHERE n > 1;
--> listagg:varchar
--> NULL
