-- Regular expressions: REPLACE takes every match and knows $1, SUBSTR and COUNT and INSTR count from 1.
-- source: REGEXP_REPLACE

SELECT REGEXP_REPLACE('a1b22c', '[0-9]+', '#') AS every, REGEXP_REPLACE('John Smith', '([A-Z][a-z]+) ([A-Z][a-z]+)', '$2, $1') AS turned;
--> every:varchar | turned:varchar
--> a#b#c | Smith, John
SELECT REGEXP_REPLACE('abc', 'b') AS removed, REGEXP_REPLACE('abcabc', 'b', 'X', 3) AS from_third;
--> removed:varchar | from_third:varchar
--> ac | abcaXc
SELECT REGEXP_SUBSTR('www.example.com', '[^.]+', 1, 2) AS second, REGEXP_SUBSTR('abc', 'x') AS missing;
--> second:varchar | missing:varchar
--> example | ''
SELECT REGEXP_COUNT('banana', 'an') AS twice, REGEXP_INSTR('banana', 'nan') AS third, REGEXP_INSTR('banana', 'x') AS nowhere;
--> twice:int4 | third:int4 | nowhere:int4
--> 2 | 3 | 0
SELECT REGEXP_REPLACE('aBc', 'b', 'x', 1, 'i') AS folded;
--> folded:varchar
--> axc
