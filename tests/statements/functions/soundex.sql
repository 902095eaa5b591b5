-- SOUNDEX takes English letters only; DIFFERENCE counts the places that agree.
-- source: SOUNDEX

SELECT soundex('Amazon') AS one, soundex('AWS Amazon') AS two_words, soundex('+-*/%') AS no_letters, soundex(NULL) AS nothing;
--> one:varchar(4) | two_words:varchar(4) | no_letters:varchar(4) | nothing:varchar(4)
--> A525 | A252 | '' | NULL
SELECT soundex('Robert') AS robert, soundex('Rupert') AS rupert, soundex('Ashcraft') AS ashcraft, soundex('Tymczak') AS tymczak, soundex('Pfister') AS pfister, soundex('Honeyman') AS honeyman, soundex('Lee') AS lee;
--> robert:varchar(4) | rupert:varchar(4) | ashcraft:varchar(4) | tymczak:varchar(4) | pfister:varchar(4) | honeyman:varchar(4) | lee:varchar(4)
--> R163 | R163 | A261 | T522 | P236 | H555 | L000
-- source: DIFFERENCE
SELECT difference('AC/DC', 'Ay See Dee See') AS alike, difference('Amazon', '+-*/%') AS one_without, difference('!', '?') AS both_without, difference('Robert', 'Rubin') AS half;
--> alike:int4 | one_without:int4 | both_without:int4 | half:int4
--> 4 | 0 | 1 | 2
SELECT difference('a', NULL) AS nothing;
--> nothing:int4
--> NULL
SELECT difference('a');
--> ERROR 42883 at 8: function difference(character varying) does not exist
