-- Hash functions give the values that the guide shows, over the bytes that each type is known by.
-- source: r_FNV_HASH

SELECT fnv_hash(1) AS number, fnv_hash('Amazon Redshift') AS word, fnv_hash('Amazon Redshift', fnv_hash(1)) AS both_of_them;
--> number:int8 | word:int8 | both_of_them:int8
--> -5968735742475085980 | 7783490368944507294 | -2202602717770968555
SELECT fnv_hash('abcd') AS whole, fnv_hash('cd', fnv_hash('ab')) AS in_two_steps;
--> whole:int8 | in_two_steps:int8
--> -281581062704388899 | -281581062704388899
SELECT fnv_hash(1::smallint) AS two_bytes, fnv_hash(1) AS four_bytes, fnv_hash(1::bigint) AS eight_bytes;
--> two_bytes:int8 | four_bytes:int8 | eight_bytes:int8
--> 589727492704079044 | -5968735742475085980 | -8517097267634966620
SELECT fnv_hash('a') = fnv_hash('a ') AS blanks_count, fnv_hash(NULL::varchar) AS nothing, fnv_hash('') AS empty;
--> blanks_count:bool | nothing:int8 | empty:int8
--> f | NULL | -3750763034362895579
SELECT fnv_hash(1.5);
--> ERROR 0A000: FNV_HASH of numeric is not supported: its bytes are not documented
SELECT fnv_hash();
--> ERROR 42883 at 8: function fnv_hash() does not exist
-- source: r_FARMFINGERPRINT64
SELECT farmFingerprint64('Amazon Redshift');
--> farmfingerprint64:int8
--> 8085098817162212970
SELECT farmfingerprint64(NULL::varchar) AS nothing, farmfingerprint64('') AS empty, farmfingerprint64(repeat('boathouse ', 20)) AS long_one;
--> nothing:int8 | empty:int8 | long_one:int8
--> NULL | -7286425919675154353 | -6766429887510387571
-- source: MURMUR3_32_HASH
SELECT murmur3_32_hash(34) AS number, murmur3_32_hash(34::bigint) AS wide, murmur3_32_hash('iceberg') AS word, murmur3_32_hash(date '2017-11-16') AS day, murmur3_32_hash(timestamp '2017-11-16 22:31:08') AS moment;
--> number:int4 | wide:int4 | word:int4 | day:int4 | moment:int4
--> 2017239379 | 2017239379 | 1210000089 | -653330422 | -2047944441
SELECT murmur3_32_hash('b', murmur3_32_hash('a')) AS seeded, murmur3_32_hash(NULL::int) AS nothing;
--> seeded:int4 | nothing:int4
--> 644756112 | NULL
-- source: crc32-function
SELECT crc32('Amazon Redshift') AS eight_digits, crc32('') AS empty, crc32(NULL) AS nothing, crc32('äöü') AS bytes;
--> eight_digits:varchar | empty:varchar | nothing:varchar | bytes:varchar
--> f2726906 | 00000000 | NULL | 7be4b480
-- source: SHA2
SELECT sha2('abc', 224) AS two_hundred, len(sha2('abc', 384)) AS digits_384, len(sha2('abc', 512)) AS digits_512, sha2('abc', 0) = sha2('abc', 256) AS zero_is_256;
--> two_hundred:varchar | digits_384:int4 | digits_512:int4 | zero_is_256:bool
--> 23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7 | 96 | 128 | t
SELECT sha2('abc', 300) AS no_such_size, sha2(NULL, 256) AS nothing;
--> no_such_size:varchar | nothing:varchar
--> '' | NULL
-- source: SHA1
SELECT sha1('Amazon Redshift') AS one, sha('Amazon Redshift') = func_sha1('Amazon Redshift') AS three_names;
--> one:varchar | three_names:bool
--> eeac5ed1e11cda66032c30ad77b25071b5487f55 | t
-- source: r_MD5
SELECT md5('Amazon Redshift');
--> md5:varchar
--> f7415e33f972c03abd4f3fed36748f7a
-- source: r_CHECKSUM
SELECT checksum(10);
--> ERROR 0A000 at 8: the function CHECKSUM is not supported: the documentation names no algorithm
CREATE TABLE words (word varchar(30));
INSERT INTO words VALUES ('eins'), ('zwei'), (NULL), ('eins');
SELECT word, crc32(word), fnv_hash(word) FROM words ORDER BY word;
--> word:varchar(30) | crc32:varchar | fnv_hash:int8
--> eins | 3f3d5ce3 | 7328473011507183140
--> eins | 3f3d5ce3 | 7328473011507183140
--> zwei | 721007dc | -4800902754462179384
--> NULL | NULL | NULL
