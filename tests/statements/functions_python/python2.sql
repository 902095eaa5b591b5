-- Bodies are Python 3's, with Python 2's meaning where the difference would be silent: division, rounding, lists, names.
-- source: udf-python-language-support

CREATE FUNCTION f (what varchar) RETURNS varchar(500) VOLATILE AS $$ return str(eval(what)) $$ LANGUAGE plpythonu;
CREATE FUNCTION f_divided (a integer, b integer) RETURNS varchar VOLATILE AS $$
  c = [a]
  c[0] /= b
  d = float(a)
  d /= b
  return '%s %s %s %s' % (a / b, a / float(b), c[0], d)
$$ LANGUAGE plpythonu;
SELECT f_divided(7, 2), f_divided(-7, 2);
--> f_divided:varchar | f_divided:varchar
--> 3 3.5 3 3.5 | -4 -3.5 -4 -3.5
CREATE FUNCTION f_rounded (a float, n integer) RETURNS varchar VOLATILE AS $$ return '%s %s' % (round(a), round(a, n)) $$ LANGUAGE plpythonu;
SELECT f_rounded(2.5, 0), f_rounded(-0.5, 1), f_rounded(2.675, 2), f_rounded(15, -1);
--> f_rounded:varchar | f_rounded:varchar | f_rounded:varchar | f_rounded:varchar
--> 3.0 3.0 | -1.0 -0.5 | 3.0 2.67 | 15.0 20.0
CREATE FUNCTION f_lists () RETURNS varchar VOLATILE AS $$
  from itertools import izip
  import urllib, urlparse, StringIO
  return str([range(2) + map(lambda a: a + 1, [1]), filter(None, (0, 1)), filter(lambda a: a > 'a', 'abc'), zip('ab', 'cd')[0],
              reduce(lambda a, b: a + b, xrange(4)), cmp(1, 2), unicode('a'), long(5), isinstance('a', basestring),
              urllib.quote('a b'), urlparse.urlparse('http://host/x').netloc, StringIO.StringIO('io').read()])
$$ LANGUAGE plpythonu;
SELECT f_lists();
--> f_lists:varchar
--> [[0, 1, 2], (1,), 'bc', ('a', 'c'), 6, -1, 'a', 5, True, 'a%20b', 'host', 'io']
CREATE FUNCTION f_modules (text varchar) RETURNS varchar VOLATILE AS $$
  import base64, calendar, collections, datetime, decimal, difflib, hashlib, hmac, json, logging, math, random, re, string, time, uuid, zlib
  import xml.etree.ElementTree as tree
  logging.getLogger().warning('nowhere')
  print(text)
  return ' '.join([json.loads('{"a": 1}')['a'].__str__(), re.sub('b+', '-', text), hashlib.md5(text.encode()).hexdigest()[:6],
    str(datetime.datetime.strptime('31.01.2026', '%d.%m.%Y').date()), tree.fromstring('<a><b>c</b></a>').find('b').text,
    text.encode('utf-16-le').decode('utf-16-le'), str(len(uuid.uuid4().hex)), str(0 <= random.random() < 1)])
$$ LANGUAGE plpythonu;
SELECT f_modules('abbc');
--> f_modules:varchar
--> 1 a-c 9b3a7f 2026-01-31 c abbc 32 True
CREATE FUNCTION f_bytes (text varchar) RETURNS varchar VOLATILE AS $$
  import base64, hashlib, hmac, zlib
  d = {text: 1}
  found = [k.decode('utf-8') for k, v in d.iteritems() if d.has_key(k)] + [b'b'.decode(), text.decode('latin-1')]
  found += [hashlib.md5(text).hexdigest()[:6], hashlib.new('sha1', text).hexdigest()[:6], hmac.new('k', text, hashlib.sha256).hexdigest()[:6]]
  return ' '.join(found + [str(zlib.crc32(text)), base64.b64encode(text).decode('ascii')]).encode('utf-8')
$$ LANGUAGE plpythonu;
SELECT f_bytes('ž');
--> f_bytes:varchar
--> ž b Å¾ 14d315 a20d4b 55f686 3683495807 xb4=
CREATE FUNCTION f_import () RETURNS varchar VOLATILE AS $$
  import numpy
$$ LANGUAGE plpythonu;
SELECT f_import();
--> ERROR 38000: ImportError: module numpy is not available to functions
