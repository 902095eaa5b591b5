-- Java and the house spell the capitals of some letters differently: only ASCII is asked.
SELECT upper(s) FROM lake.kinds

-- Java writes floats in another form.
SELECT CAST(f AS varchar) FROM lake.kinds

-- Regular expressions are another dialect.
SELECT regexp_substr(s, '[a-c]+') FROM lake.kinds

-- Formats of dates are another language.
SELECT to_char(d, 'YYYY') FROM lake.kinds

-- Percentiles are doubles there.
SELECT median(n) FROM lake.kinds

-- Several groupings in one query are not written yet.
SELECT s FROM lake.kinds GROUP BY ROLLUP (s)

-- Files are told by names of Spark's own.
SELECT "$path" FROM lake.kinds

-- There the logarithm of nothing is NULL; here it is an error, which the house has to judge.
SELECT ln(f) FROM lake.kinds

-- A float's next whole number is a BIGINT there.
SELECT ceil(f) FROM lake.kinds

-- What is too large for a real is infinite there, an error here.
SELECT CAST(f * 1e300 AS real) FROM lake.kinds

-- Letters beyond 16 bits are two there.
SELECT id FROM lake.kinds WHERE s LIKE '_😀_'
