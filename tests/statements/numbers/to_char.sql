-- TO_CHAR of numbers: every pattern of the guide; digits that do not fit are shown as #.
-- source: r_TO_CHAR

SELECT to_char(-125.8, '999D99S') AS sign_behind, to_char(-125.88, '$S999D99') AS dollar_sign, to_char(-125.88, '$999D99PR') AS brackets, to_char(125, 'RN') AS roman;
--> sign_behind:varchar | dollar_sign:varchar | brackets:varchar | roman:varchar
--> 125.80- | $-125.88 | $<125.88> | '           CXXV'
SELECT to_char(618.80, 'rn') AS small_roman, to_char(618.80, 'l99999D99') AS currency, to_char(76.00 - 11.40, 'FMrn') AS unfilled, to_char(4000, 'RN') AS too_large, to_char(0, 'RN') AS none;
--> small_roman:varchar | currency:varchar | unfilled:varchar | too_large:varchar | none:varchar
--> '          dcxix' | $   618.80 | lxv | ############### | ###############
-- source: r_Numeric_formating
SELECT to_char(12, '9999') AS nines, to_char(12, '0999') AS zeros, to_char(12, 'FM9999') AS unfilled, to_char(1234567.891, '9,999,999.99') AS grouped, to_char(1234567, '9G999G999') AS g, to_char(0.5, '9.9') AS no_zero, to_char(0.5, '0.9') AS zero, to_char(12.5, 'FM999.999') AS trimmed;
--> nines:varchar | zeros:varchar | unfilled:varchar | grouped:varchar | g:varchar | no_zero:varchar | zero:varchar | trimmed:varchar
--> '   12' | ' 0012' | 12 | ' 1,234,567.89' | ' 1,234,567' | '  .5' | ' 0.5' | 12.5
SELECT to_char(12, '9999MI') AS mi, to_char(-12, '9999MI') AS mi_minus, to_char(-12, 'MI9999') AS mi_before, to_char(12, 'PL9999') AS pl, to_char(-12, 'PL9999') AS pl_minus, to_char(12, 'SG9999') AS sg, to_char(-12, '9999SG') AS sg_behind, to_char(12, 'S9999') AS s;
--> mi:varchar | mi_minus:varchar | mi_before:varchar | pl:varchar | pl_minus:varchar | sg:varchar | sg_behind:varchar | s:varchar
--> '  12 ' | '  12-' | -  12 | +   12 | '   -12' | +  12 | '  12-' | '  +12'
SELECT to_char(1, '9th') AS st, to_char(2, '9TH') AS nd, to_char(13, '99th') AS thirteenth, to_char(23, 'FM99th') AS rd, to_char(-1, '9th') AS minus, to_char(1.5, '9.9th') AS fraction;
--> st:varchar | nd:varchar | thirteenth:varchar | rd:varchar | minus:varchar | fraction:varchar
--> ' 1st' | ' 2ND' | ' 13th' | 23rd | -1 | ' 1.5'
SELECT to_char(12345, '999') AS too_long, to_char(12345.6, '999.99') AS with_point, to_char(12.4, '99V999') AS shifted, to_char(485, '"Good number:"999') AS quoted, to_char(2.675, '9.99') AS rounded, to_char(-0.001, '9.99') AS small;
--> too_long:varchar | with_point:varchar | shifted:varchar | quoted:varchar | rounded:varchar | small:varchar
--> ' ###' | ' ###.##' | ' 12400' | Good number: 485 | ' 2.68' | '  .00'
SELECT to_char(NULL::int, '999') AS nothing, to_char(5, NULL) AS no_format;
--> nothing:varchar | no_format:varchar
--> NULL | NULL
SELECT to_char(1e10::float8, '99999999999') AS double, to_char(12::smallint, '99') AS smallint, to_char(9223372036854775807, '9999999999999999999') AS bigint;
--> double:varchar | smallint:varchar | bigint:varchar
--> ' 10000000000' | ' 12' | ' 9223372036854775807'
SELECT to_char(5, '9.99EEEE');
--> ERROR 0A000: the numeric pattern "EEEE" is not supported
SELECT to_char(5, 'abc');
--> ERROR 22023: "abc" is not a number
SELECT to_char(5, '9.9.9');
--> ERROR 22023: multiple decimal points
CREATE TABLE prices (price numeric(8,2), form varchar(20));
INSERT INTO prices VALUES (1234.5, '9,999.99'), (-3, '99MI'), (19, 'FMRN'), (NULL, '99');
SELECT price, to_char(price, form) AS shown FROM prices ORDER BY price;
--> price:numeric(8,2) | shown:varchar
--> -3.00 | ' 3-'
--> 19.00 | XIX
--> 1234.50 | ' 1,234.50'
--> NULL | NULL
-- source: r_TO_NUMBER
SELECT to_number('12,454.8-', '99G999D9S') AS minus_behind, to_number('$ 12,454.88', 'L 99G999D99') AS currency, to_number('12.345', '99D999') AS plain, to_number('<12>', '99PR') AS brackets, to_number(NULL, '99') AS nothing;
--> minus_behind:numeric(38,1) | currency:numeric(38,2) | plain:numeric(38,3) | brackets:numeric(38,0) | nothing:numeric(38,0)
--> -12454.8 | 12454.88 | 12.345 | -12 | NULL
SELECT to_number('XII', 'RN');
--> ERROR 22023: RN and V are for TO_CHAR only
SELECT to_number('abc', '999');
--> ERROR 22P02: invalid input syntax for type numeric: ""
