-- EXTRACT, DATE_PART and DATE_TRUNC know the parts and their short names.
-- source: r_Dateparts_for_datetime_functions

SELECT extract(year FROM '2004-02-16 20:38:40.5'::timestamp) AS y, extract(quarter FROM '2004-02-16'::date) AS q, extract(week FROM '2004-01-01'::date) AS w, extract(dow FROM '2004-02-15'::date) AS sunday, extract(doy FROM '2004-12-31'::date) AS doy;
--> y:int4 | q:int4 | w:int4 | sunday:int4 | doy:int4
--> 2004 | 1 | 1 | 0 | 366
SELECT extract(epoch FROM '1970-01-02'::timestamp) AS epoch, extract(hour FROM '2004-02-16 20:38:40'::timestamp) AS h, extract(second FROM '2004-02-16 20:38:40.5'::timestamp) AS s, extract(ms FROM '2004-02-16 20:38:40.5'::timestamp) AS ms, extract(century FROM '2001-01-01'::date) AS c;
--> epoch:int8 | h:int4 | s:int4 | ms:int4 | c:int4
--> 86400 | 20 | 40 | 500 | 21
SELECT date_part(month, '2004-02-16'::date) AS unquoted, date_part('mon', '2004-02-16'::date) AS quoted, date_part(w, '2008-06-17 09:44:54'::timestamp) AS w, date_part_year('2004-02-16'::date) AS dpy;
--> unquoted:float8 | quoted:float8 | w:float8 | dpy:int4
--> 2 | 2 | 25 | 2004
SELECT date_trunc('week', '2008-09-07 10:00'::timestamp) AS monday, date_trunc('month', '2008-09-07'::date) AS month, date_trunc('quarter', '2008-09-07 10:00'::timestamp) AS quarter, trunc('2008-09-07 10:00'::timestamp) AS day;
--> monday:timestamp | month:timestamp | quarter:timestamp | day:date
--> 2008-09-01 00:00:00 | 2008-09-01 00:00:00 | 2008-07-01 00:00:00 | 2008-09-07
SELECT extract(parsec FROM '2004-02-16'::date);
--> ERROR 22023: timestamp units "parsec" not recognized
