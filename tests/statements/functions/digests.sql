-- SHA2 of a password and its salt, text and bytes in one: what CREATE USER takes as a digest.
-- source: r_CREATE_USER

SELECT sha2(concat('Mypassword1', from_hex('c721bff5d9042cf541ff7b9d48fa8a6e545c19a763e3710151f9513038b0f6c6')), 0) AS digest;
--> digest:varchar
--> 821708135fcc42eb3afda85286dee0ed15c2c461d000291609f77eb113073ec2
SELECT md5('é'::varbyte) = md5('é') AS same, concat('é', from_hex('ff')) AS joined;
--> same:bool | joined:varbyte
--> t | c3a9ff
-- source: r_CURRENT_USER_ID
SELECT current_user_id = usesysid AS same FROM pg_user WHERE usename = current_user;
--> same:bool
--> t
