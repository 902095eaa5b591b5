-- Places counted in bytes, and LIKE's escape character.
-- source: OCTETINDEX

SELECT octetindex('AWS', 'Amazon AWS') AS plain, octetindex('AWS', 'Άμαζον AWS') AS two_bytes_each, octetindex('x', 'abc') AS nowhere, octetindex(NULL, 'abc') AS nothing;
--> plain:int4 | two_bytes_each:int4 | nowhere:int4 | nothing:int4
--> 8 | 14 | 0 | NULL
-- source: r_OCTET_LENGTH
SELECT octet_length('français') AS bytes, len('français') AS characters;
--> bytes:int4 | characters:int4
--> 9 | 8
-- source: r_patternmatching_condition_like
SELECT 'my_table' LIKE 'my\\_%' AS escaped, 'my_table' LIKE 'my^_%' ESCAPE '^' AS own_escape;
--> escaped:bool | own_escape:bool
--> t | t
SELECT 'a' LIKE 'a' ESCAPE 'xx';
--> ERROR 22025: invalid escape string
CREATE TABLE patterns (pattern varchar(10));
INSERT INTO patterns VALUES ('a\\'), ('a%');
SELECT count(*) FROM patterns WHERE 'abc' LIKE pattern;
--> ERROR 22025: LIKE pattern must not end with escape character
-- source: pattern-matching-conditions-similar-to
CREATE TABLE shapes (word varchar(10), shape varchar(10));
INSERT INTO shapes VALUES ('abc', 'a%'), ('abc', '(b|c)%'), ('abc', 'a_c'), ('a.c', 'a.c'), ('abc', 'a.c'), (NULL, '%'), ('x', NULL);
SELECT word, shape, word SIMILAR TO shape AS matches FROM shapes ORDER BY 1, 2;
--> word:varchar(10) | shape:varchar(10) | matches:bool
--> a.c | a.c | t
--> abc | (b|c)% | f
--> abc | a% | t
--> abc | a.c | f
--> abc | a_c | t
--> x | NULL | NULL
--> NULL | % | NULL
