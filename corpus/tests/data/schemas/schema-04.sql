BEGIN TRANSACTION;
CREATE TABLE articles (
        id TEXT PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        kind TEXT NOT NULL, title TEXT NOT NULL, subtitle TEXT NOT NULL, label TEXT NOT NULL,
        authors TEXT NOT NULL, issuer TEXT NOT NULL, number TEXT NOT NULL,
        published_on TEXT NOT NULL, effective_on TEXT NOT NULL, expires_on TEXT NOT NULL,
        region TEXT NOT NULL, status TEXT NOT NULL, supersedes TEXT NOT NULL,
        pages TEXT NOT NULL, quality REAL NOT NULL, text TEXT NOT NULL,
        first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, quality_reason TEXT NOT NULL DEFAULT '',
        UNIQUE (source, ordinal)
    );
INSERT INTO "articles" VALUES('1/1',1,1,'办法','云河市职工浴室管理办法','','','["许雁秋"]','云河市总工会','云工发〔2024〕18号','2024-03-11','2024-04-01','','','未知','[]','[1]',1.0,'第一条 职工浴室每周开放五天，周一和周四检修。
第二条 浴室的用水费由所在单位的工会经费列支。
第三条 职工凭会员卡免费使用浴室，家属每次收费四元。',20240311,20240311,'');
INSERT INTO "articles" VALUES('2/1',2,1,'办法','云河市职工浴室管理办法（修订）','','','[]','云河市总工会','云工发〔2025〕6号','2025-02-20','','','','未知','["云河市职工浴室管理办法"]','[1]',1.0,'第一条 职工浴室每周开放六天，周一检修。
第二条 浴室的用水费由所在单位的工会经费列支。',20250220,20250220,'');
INSERT INTO "articles" VALUES('3/1',3,1,'新闻','云河市总工会举办职工风筝比赛','','','[]','','','2025-04-06','','','','未知','[]','[1]',1.0,'四月五日，云河市总工会在河滨公园举办职工风筝比赛，四十二家单位的一百三十名职工参加。比赛分为软翅、硬翅和自制三个组别，裁判由市风筝协会选派。环卫集团的秦晚晴用旧雨衣布缝成的燕子风筝飞得最高，拿了自制组第一名。她说，风筝骨架是父亲削的竹条，线轴是工友拿废电缆盘改的。市总工会宣教部介绍，明年的比赛将增加家庭组，报名从三月一日开始，各单位工会可以组队参加，午餐和饮水由主办方准备。',20250406,20250406,'');
INSERT INTO "articles" VALUES('4/1',4,1,'新闻','河滨公园里风筝飞','','转载','[]','','','2025-04-08','','','','未知','[]','[1]',1.0,'四月五日，云河市总工会在河滨公园举办职工风筝比赛，四十二家单位的一百三十名职工参加。比赛分为软翅、硬翅和自制三个组别，裁判由市风筝协会选派。环卫集团的秦晚晴用旧雨衣布缝成的燕子风筝飞得最高，拿了自制组第一名。她说，风筝骨架是父亲削的竹条，线轴是工友拿废电缆盘改的。市总工会宣教部介绍，明年的比赛将增加家庭组，报名从三月一日开始，各单位工会可以组队参加，午餐和饮水由主办方准备。',20250408,20250408,'');
CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,
        who TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL
    );
INSERT INTO "audit" VALUES(1,'2026-11-21T11:01:01+00:00','','新增','1 文件1.txt');
INSERT INTO "audit" VALUES(2,'2026-11-21T11:01:01+00:00','','新增','2 文件2.txt');
INSERT INTO "audit" VALUES(3,'2026-11-21T11:01:01+00:00','','新增','3 文件3.txt');
INSERT INTO "audit" VALUES(4,'2026-11-21T11:01:02+00:00','','新增','4 文件4.txt');
INSERT INTO "audit" VALUES(5,'2026-11-21T11:01:02+00:00','','新增','5 文件5.txt');
INSERT INTO "audit" VALUES(6,'2026-11-21T11:01:02+00:00','','删除','5 文件5.txt');
INSERT INTO "audit" VALUES(7,'2026-11-21T11:01:08+00:00','命令行','测试','记下这一天的资料库');
CREATE TABLE embeddings (
        encoder TEXT NOT NULL, embedded BLOB NOT NULL, vector BLOB NOT NULL,
        PRIMARY KEY (embedded, encoder)
    ) WITHOUT ROWID;
INSERT INTO "embeddings" VALUES('hashing-16',X'314A2D079F51891C373BA5989C628C2F',X'00007030A8320000A832702C70307030A832702C702C1A3A702C7030A8367030');
INSERT INTO "embeddings" VALUES('hashing-16',X'31EB18A53549999A62CBCC8A57C0F2ED',X'2F32F234F23490355434CD32CD32CD3254345430543454306B2FA3346B334135');
INSERT INTO "embeddings" VALUES('hashing-16',X'32D3FF4E450B312281FF1FD775716DB5',X'F931C834C834AD352F3492322B33F9312F34C8302F342F30F92DC8347B346035');
INSERT INTO "embeddings" VALUES('hashing-16',X'42BECE42F7093516EE12FE3BF0239ABD',X'00005531000000345531553155350034553500345531AB38552D00340034552D');
INSERT INTO "embeddings" VALUES('hashing-16',X'4FB7AF74CAB4AF219C641D8DF95D4F9E',X'00002D33C93400002D332D330000C930C934C92CC92C6239C930C930C9342D33');
INSERT INTO "embeddings" VALUES('hashing-16',X'996262DEFD04DBCB741A9BA1FA0F33A9',X'00008B3300008B3307318B338B338B3349368B330731663807318B338B330731');
INSERT INTO "embeddings" VALUES('hashing-16',X'B65794942CD57510454A6036F495BA16',X'0000732C732C732C7334732C733073307334AC32AC328F39732C7330AC367330');
CREATE TABLE failures (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        origin TEXT NOT NULL UNIQUE, name TEXT NOT NULL, sha256 TEXT NOT NULL,
        at TEXT NOT NULL, program TEXT NOT NULL, message TEXT NOT NULL
    );
INSERT INTO "failures" VALUES(1,'/文件夹/坏.pdf','坏.pdf','abababababababababababababababababababababababababababababababab','2026-11-21T11:01:02+00:00','p1','文件打不开。请检查它是否完整。');
CREATE TABLE feedback (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,
        question TEXT NOT NULL, answer TEXT NOT NULL, rating TEXT NOT NULL,
        comment TEXT NOT NULL, evidence TEXT NOT NULL
    );
INSERT INTO "feedback" VALUES(1,'2026-11-21T11:01:08+00:00','浴室几天开放？','五天。','up','已经改了','["1/1/1"]');
INSERT INTO "feedback" VALUES(2,'2026-11-21T11:01:08+00:00','浴室几天开放？','五天。','down','已经改了','["1/1/1"]');
CREATE TABLE passages (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        article TEXT NOT NULL REFERENCES articles ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        label TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        page INTEGER NOT NULL, boxes TEXT NOT NULL, text TEXT NOT NULL,
        embedded BLOB NOT NULL,
        UNIQUE (article, ordinal)
    );
INSERT INTO "passages" VALUES(1,'1/1/1','1/1',1,'第一条',0,23,1,'[]','第一条 职工浴室每周开放五天，周一和周四检修。',X'314A2D079F51891C373BA5989C628C2F');
INSERT INTO "passages" VALUES(2,'1/1/2','1/1',2,'第二条',24,47,1,'[]','第二条 浴室的用水费由所在单位的工会经费列支。',X'42BECE42F7093516EE12FE3BF0239ABD');
INSERT INTO "passages" VALUES(3,'1/1/3','1/1',3,'第三条',48,74,1,'[]','第三条 职工凭会员卡免费使用浴室，家属每次收费四元。',X'B65794942CD57510454A6036F495BA16');
INSERT INTO "passages" VALUES(4,'2/1/1','2/1',1,'第一条',0,20,1,'[]','第一条 职工浴室每周开放六天，周一检修。',X'4FB7AF74CAB4AF219C641D8DF95D4F9E');
INSERT INTO "passages" VALUES(5,'2/1/2','2/1',2,'第二条',21,44,1,'[]','第二条 浴室的用水费由所在单位的工会经费列支。',X'996262DEFD04DBCB741A9BA1FA0F33A9');
INSERT INTO "passages" VALUES(6,'3/1/1','3/1',1,'',0,188,1,'[]','四月五日，云河市总工会在河滨公园举办职工风筝比赛，四十二家单位的一百三十名职工参加。比赛分为软翅、硬翅和自制三个组别，裁判由市风筝协会选派。环卫集团的秦晚晴用旧雨衣布缝成的燕子风筝飞得最高，拿了自制组第一名。她说，风筝骨架是父亲削的竹条，线轴是工友拿废电缆盘改的。市总工会宣教部介绍，明年的比赛将增加家庭组，报名从三月一日开始，各单位工会可以组队参加，午餐和饮水由主办方准备。',X'32D3FF4E450B312281FF1FD775716DB5');
INSERT INTO "passages" VALUES(7,'4/1/1','4/1',1,'',0,188,1,'[]','四月五日，云河市总工会在河滨公园举办职工风筝比赛，四十二家单位的一百三十名职工参加。比赛分为软翅、硬翅和自制三个组别，裁判由市风筝协会选派。环卫集团的秦晚晴用旧雨衣布缝成的燕子风筝飞得最高，拿了自制组第一名。她说，风筝骨架是父亲削的竹条，线轴是工友拿废电缆盘改的。市总工会宣教部介绍，明年的比赛将增加家庭组，报名从三月一日开始，各单位工会可以组队参加，午餐和饮水由主办方准备。',X'31EB18A53549999A62CBCC8A57C0F2ED');
CREATE TABLE removed_sources (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL);
INSERT INTO "removed_sources" VALUES(5,6);
CREATE TABLE reprints (
        one TEXT NOT NULL REFERENCES articles ON DELETE CASCADE,
        other TEXT NOT NULL REFERENCES articles ON DELETE CASCADE,
        PRIMARY KEY (one, other)
    ) WITHOUT ROWID;
INSERT INTO "reprints" VALUES('3/1','4/1');
INSERT INTO "reprints" VALUES('4/1','3/1');
CREATE TABLE review_evidence (
        item INTEGER NOT NULL REFERENCES review_items ON DELETE CASCADE,
        ordinal INTEGER NOT NULL, source INTEGER NOT NULL, passage TEXT NOT NULL,
        article TEXT NOT NULL, title TEXT NOT NULL, label TEXT NOT NULL, text TEXT NOT NULL,
        grade TEXT NOT NULL, cited INTEGER NOT NULL,
        PRIMARY KEY (item, ordinal)
    ) WITHOUT ROWID;
CREATE TABLE review_items (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, times INTEGER NOT NULL DEFAULT 1,
        reason TEXT NOT NULL, question TEXT NOT NULL, understood TEXT NOT NULL DEFAULT '',
        outcome TEXT NOT NULL DEFAULT '', answer TEXT NOT NULL,
        withheld TEXT NOT NULL DEFAULT '[]', comment TEXT NOT NULL DEFAULT '',
        closed TEXT NOT NULL DEFAULT '',
        UNIQUE (question, understood, reason)
    );
INSERT INTO "review_items" VALUES(1,'2026-11-21T11:01:08+00:00',1,'拒答','浴室有没有桑拿？','','依据不足','没有依据。','[]','','');
CREATE TABLE review_labels (
        item INTEGER NOT NULL REFERENCES review_items ON DELETE CASCADE,
        trainer TEXT NOT NULL, at TEXT NOT NULL,
        verdict TEXT NOT NULL, article TEXT NOT NULL, note TEXT NOT NULL,
        PRIMARY KEY (item, trainer)
    ) WITHOUT ROWID;
INSERT INTO "review_labels" VALUES(1,'培小训','2026-11-21T11:01:08+00:00','库里没有','','确实没有');
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "settings" VALUES('encoder','hashing-16');
INSERT INTO "settings" VALUES('revision','6');
INSERT INTO "settings" VALUES('store_id','6823db226720666a');
CREATE TABLE signature_bands (
        band INTEGER NOT NULL,
        signature INTEGER NOT NULL REFERENCES signatures ON DELETE CASCADE,
        PRIMARY KEY (band, signature)
    ) WITHOUT ROWID;
INSERT INTO "signature_bands" VALUES(4917654836032,3);
INSERT INTO "signature_bands" VALUES(11940408996262,3);
INSERT INTO "signature_bands" VALUES(16098815781519,3);
INSERT INTO "signature_bands" VALUES(26321190856920,3);
INSERT INTO "signature_bands" VALUES(61936800380772,3);
INSERT INTO "signature_bands" VALUES(80338976449813,3);
INSERT INTO "signature_bands" VALUES(111738323243455,3);
INSERT INTO "signature_bands" VALUES(118985226840080,3);
INSERT INTO "signature_bands" VALUES(128050727762412,3);
INSERT INTO "signature_bands" VALUES(154662429618842,3);
INSERT INTO "signature_bands" VALUES(178617750265712,3);
INSERT INTO "signature_bands" VALUES(183427053266838,3);
INSERT INTO "signature_bands" VALUES(192111931278874,3);
INSERT INTO "signature_bands" VALUES(195192627845040,3);
INSERT INTO "signature_bands" VALUES(203790156862661,3);
INSERT INTO "signature_bands" VALUES(225468311557583,3);
INSERT INTO "signature_bands" VALUES(230317861557259,3);
INSERT INTO "signature_bands" VALUES(249730597891698,3);
INSERT INTO "signature_bands" VALUES(261566868465714,3);
INSERT INTO "signature_bands" VALUES(271674028923685,3);
INSERT INTO "signature_bands" VALUES(4917654836032,4);
INSERT INTO "signature_bands" VALUES(11940408996262,4);
INSERT INTO "signature_bands" VALUES(16098815781519,4);
INSERT INTO "signature_bands" VALUES(26321190856920,4);
INSERT INTO "signature_bands" VALUES(61936800380772,4);
INSERT INTO "signature_bands" VALUES(80338976449813,4);
INSERT INTO "signature_bands" VALUES(111738323243455,4);
INSERT INTO "signature_bands" VALUES(118985226840080,4);
INSERT INTO "signature_bands" VALUES(128050727762412,4);
INSERT INTO "signature_bands" VALUES(154662429618842,4);
INSERT INTO "signature_bands" VALUES(178617750265712,4);
INSERT INTO "signature_bands" VALUES(183427053266838,4);
INSERT INTO "signature_bands" VALUES(192111931278874,4);
INSERT INTO "signature_bands" VALUES(195192627845040,4);
INSERT INTO "signature_bands" VALUES(203790156862661,4);
INSERT INTO "signature_bands" VALUES(225468311557583,4);
INSERT INTO "signature_bands" VALUES(230317861557259,4);
INSERT INTO "signature_bands" VALUES(249730597891698,4);
INSERT INTO "signature_bands" VALUES(261566868465714,4);
INSERT INTO "signature_bands" VALUES(271674028923685,4);
CREATE TABLE signatures (
        number INTEGER PRIMARY KEY,
        article TEXT NOT NULL UNIQUE REFERENCES articles ON DELETE CASCADE,
        signature BLOB NOT NULL
    );
INSERT INTO "signatures" VALUES(1,'1/1',X'');
INSERT INTO "signatures" VALUES(2,'2/1',X'');
INSERT INTO "signatures" VALUES(3,'3/1',X'54921900F974A807E36145015B7D5A034BA6590044498300D0E55701FB68940188951302E8B78100F780AF0354EC4C0092F72300E5DB4300FA9C1F00D822F700724460003242520183200604CE315308B286970051C9A7012C62CE006C456701A8EB2003A7C7060286EB03000FE4E9002A7105012AD73600FA1DE201A27771001DBF7100346E9901D0B9AB005FA51001FA83C00069839C001D6EEC01BE330F01D3A3ED003498300188D03D0395269D0079E9E0007A492B00E070090038B4D2043DF5F10421B0E400C5548001F87B46039E0506011449C3052BD20401F91D8804560A8D03F8A7C1026A43870350D914001FAE1F0083D4020048500500FF434300AE95B4021503A501AE94680017E1EB003ECAE00006B319023A64200020D3F000AB870D0091FE8F019CF359012D47C9017D17400775A713003A1C02014619C101');
INSERT INTO "signatures" VALUES(4,'4/1',X'54921900F974A807E36145015B7D5A034BA6590044498300D0E55701FB68940188951302E8B78100F780AF0354EC4C0092F72300E5DB4300FA9C1F00D822F700724460003242520183200604CE315308B286970051C9A7012C62CE006C456701A8EB2003A7C7060286EB03000FE4E9002A7105012AD73600FA1DE201A27771001DBF7100346E9901D0B9AB005FA51001FA83C00069839C001D6EEC01BE330F01D3A3ED003498300188D03D0395269D0079E9E0007A492B00E070090038B4D2043DF5F10421B0E400C5548001F87B46039E0506011449C3052BD20401F91D8804560A8D03F8A7C1026A43870350D914001FAE1F0083D4020048500500FF434300AE95B4021503A501AE94680017E1EB003ECAE00006B319023A64200020D3F000AB870D0091FE8F019CF359012D47C9017D17400775A713003A1C02014619C101');
CREATE TABLE sources (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        revision INTEGER NOT NULL,
        name TEXT NOT NULL, origin TEXT NOT NULL, sha256 TEXT NOT NULL,
        media_type TEXT NOT NULL, bytes INTEGER NOT NULL,
        received_at TEXT NOT NULL, received_by TEXT NOT NULL,
        pages INTEGER NOT NULL, reader TEXT NOT NULL, warnings TEXT NOT NULL
    );
INSERT INTO "sources" VALUES(1,1,'文件1.txt','/文件夹/文件1.txt','b0dc316346f0f27fa5a93f2d6e5998a3f873da44975563472764eff78856bf6b','text/plain',212,'2024-05-01T08:00:00+08:00','',1,'test','[]');
INSERT INTO "sources" VALUES(2,2,'文件2.txt','/文件夹/文件2.txt','ccb33437ced592c911241adead9cc1fadcb90547923fdf05b99a6d9e2c036196','text/plain',126,'2024-05-01T08:00:00+08:00','',1,'test','[]');
INSERT INTO "sources" VALUES(3,3,'文件3.txt','/文件夹/文件3.txt','9e14531a6dbbb79c994f411811972324b8e02b35b4e0293040bcc3c096511791','text/plain',564,'2024-05-01T08:00:00+08:00','',1,'test','[]');
INSERT INTO "sources" VALUES(4,4,'文件4.txt','/文件夹/文件4.txt','9e14531a6dbbb79c994f411811972324b8e02b35b4e0293040bcc3c096511791','text/plain',564,'2024-05-01T08:00:00+08:00','',1,'test','[]');
CREATE INDEX sources_revision ON sources (revision);
CREATE INDEX sources_origin ON sources (origin);
CREATE INDEX sources_sha256 ON sources (sha256);
CREATE INDEX removed_sources_revision ON removed_sources (revision);
CREATE INDEX passages_embedded ON passages (embedded);
CREATE INDEX failures_sha256 ON failures (sha256);
CREATE INDEX review_evidence_source ON review_evidence (source);
CREATE INDEX signature_bands_signature ON signature_bands (signature);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('review_items',1);
INSERT INTO "sqlite_sequence" VALUES('sources',5);
INSERT INTO "sqlite_sequence" VALUES('passages',8);
INSERT INTO "sqlite_sequence" VALUES('audit',7);
INSERT INTO "sqlite_sequence" VALUES('failures',1);
INSERT INTO "sqlite_sequence" VALUES('feedback',2);
COMMIT;
PRAGMA user_version=4;
