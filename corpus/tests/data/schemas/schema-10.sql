BEGIN TRANSACTION;
CREATE TABLE archive (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        source INTEGER NOT NULL, origin TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,
        state TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL,
        document TEXT NOT NULL, content TEXT NOT NULL
    );
INSERT INTO "archive" VALUES(1,5,'/文件夹/文件5.txt','文件5.txt','e89dc9fc198435c480d754f95e2e8bd1b85ea18b34aafa0949d81c2bce258429','旧版','2026-11-21T11:02:00+00:00','管小理','','{"source":{"id":"5","name":"文件5.txt","origin":"/文件夹/文件5.txt","sha256":"e89dc9fc198435c480d754f95e2e8bd1b85ea18b34aafa0949d81c2bce258429","media_type":"text/plain","bytes":39,"received_at":"2024-05-01T08:00:00+08:00","received_by":"","pages":1,"reader":"test","warnings":[]},"titles":[""]}','{"articles":[{"id":"5/1","source_id":"5","ordinal":1,"kind":"其他","title":"","subtitle":"","label":"","authors":[],"issuer":"","number":"","published_on":"","effective_on":"","expires_on":"","region":"","status":"未知","supersedes":[],"recipients":[],"pages":[1],"quality":1.0,"quality_reason":"","text":"第一版的通知，只有一句话。"}],"passages":[{"id":"5/1/1","article_id":"5/1","ordinal":1,"label":"","path":[],"lead":"","start":0,"end":13,"page":1,"boxes":[],"text":"第一版的通知，只有一句话。"}]}');
INSERT INTO "archive" VALUES(2,6,'/文件夹/文件6.txt','文件6.txt','7479492c3805c7f69f2e6dc3c11a8af32d5f958168527187ffadcf0ac154cea0','撤下','2026-11-21T11:02:00+00:00','管小理','过期','{"source":{"id":"6","name":"文件6.txt","origin":"/文件夹/文件6.txt","sha256":"7479492c3805c7f69f2e6dc3c11a8af32d5f958168527187ffadcf0ac154cea0","media_type":"text/plain","bytes":45,"received_at":"2024-05-01T08:00:00+08:00","received_by":"","pages":1,"reader":"test","warnings":[]},"titles":[""]}','{"articles":[{"id":"6/1","source_id":"6","ordinal":1,"kind":"其他","title":"","subtitle":"","label":"","authors":[],"issuer":"","number":"","published_on":"","effective_on":"","expires_on":"","region":"","status":"未知","supersedes":[],"recipients":[],"pages":[1],"quality":1.0,"quality_reason":"","text":"后来撤下的通知，还留在档案里。"}],"passages":[{"id":"6/1/1","article_id":"6/1","ordinal":1,"label":"","path":[],"lead":"","start":0,"end":15,"page":1,"boxes":[],"text":"后来撤下的通知，还留在档案里。"}]}');
CREATE TABLE articles (
        id TEXT PRIMARY KEY,
        source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        kind TEXT NOT NULL, title TEXT NOT NULL, subtitle TEXT NOT NULL, label TEXT NOT NULL,
        authors TEXT NOT NULL, issuer TEXT NOT NULL, number TEXT NOT NULL,
        published_on TEXT NOT NULL, effective_on TEXT NOT NULL, expires_on TEXT NOT NULL,
        region TEXT NOT NULL, status TEXT NOT NULL, supersedes TEXT NOT NULL,
        pages TEXT NOT NULL, quality REAL NOT NULL, text TEXT NOT NULL,
        first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, quality_reason TEXT NOT NULL DEFAULT '', recipients TEXT NOT NULL DEFAULT '[]',
        UNIQUE (source, ordinal)
    );
INSERT INTO "articles" VALUES('1/1',1,1,'办法','云河市职工浴室管理办法','','','["许雁秋"]','云河市总工会','云工发〔2024〕18号','2024-03-11','2024-04-01','','','未知','[]','[1]',1.0,'第一条 职工浴室每周开放五天，周一和周四检修。
第二条 浴室的用水费由所在单位的工会经费列支。
第三条 职工凭会员卡免费使用浴室，家属每次收费四元。',20240311,20240311,'','[]');
INSERT INTO "articles" VALUES('2/1',2,1,'办法','云河市职工浴室管理办法（修订）','','','[]','云河市总工会','云工发〔2025〕6号','2025-02-20','','','','未知','["云河市职工浴室管理办法"]','[1]',1.0,'第一条 职工浴室每周开放六天，周一检修。
第二条 浴室的用水费由所在单位的工会经费列支。',20250220,20250220,'','[]');
INSERT INTO "articles" VALUES('3/1',3,1,'新闻','云河市总工会举办职工风筝比赛','','','[]','','','2025-04-06','','','','未知','[]','[1]',1.0,'四月五日，云河市总工会在河滨公园举办职工风筝比赛，四十二家单位的一百三十名职工参加。比赛分为软翅、硬翅和自制三个组别，裁判由市风筝协会选派。环卫集团的秦晚晴用旧雨衣布缝成的燕子风筝飞得最高，拿了自制组第一名。她说，风筝骨架是父亲削的竹条，线轴是工友拿废电缆盘改的。市总工会宣教部介绍，明年的比赛将增加家庭组，报名从三月一日开始，各单位工会可以组队参加，午餐和饮水由主办方准备。',20250406,20250406,'','[]');
INSERT INTO "articles" VALUES('4/1',4,1,'新闻','河滨公园里风筝飞','','转载','[]','','','2025-04-08','','','','未知','[]','[1]',1.0,'四月五日，云河市总工会在河滨公园举办职工风筝比赛，四十二家单位的一百三十名职工参加。比赛分为软翅、硬翅和自制三个组别，裁判由市风筝协会选派。环卫集团的秦晚晴用旧雨衣布缝成的燕子风筝飞得最高，拿了自制组第一名。她说，风筝骨架是父亲削的竹条，线轴是工友拿废电缆盘改的。市总工会宣教部介绍，明年的比赛将增加家庭组，报名从三月一日开始，各单位工会可以组队参加，午餐和饮水由主办方准备。',20250408,20250408,'','[]');
INSERT INTO "articles" VALUES('5/1',5,1,'其他','','','','[]','','','','','','','未知','[]','[1]',1.0,'第二版的通知，改了一句话。',0,0,'','[]');
CREATE TABLE asked (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL, who TEXT NOT NULL, question TEXT NOT NULL, bare TEXT NOT NULL,
        outcome TEXT NOT NULL, category TEXT NOT NULL, seconds REAL NOT NULL, sources TEXT NOT NULL
    );
INSERT INTO "asked" VALUES(1,'2026-11-21T11:01:59+00:00','','浴室几天开放？','浴室几天开放','已回答','数量',0.03,'["1"]');
CREATE TABLE "audit" (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,
        who TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL,
        before TEXT NOT NULL, after TEXT NOT NULL, chain TEXT NOT NULL
    );
INSERT INTO "audit" VALUES(1,'2026-11-21T11:01:52+00:00','','新增','1 文件1.txt','','1 篇；原件 b0dc316346f0','55e7555a629ab88fc4cdb27d46f9e178de4ab8bd5bbc2d87171d3c70964c911a');
INSERT INTO "audit" VALUES(2,'2026-11-21T11:01:52+00:00','','新增','2 文件2.txt','','1 篇；原件 ccb33437ced5','3ddbe87396413ba8acc8361082e20a226f3b80242678ab9371ba9d2d6f1fc601');
INSERT INTO "audit" VALUES(3,'2026-11-21T11:01:52+00:00','','新增','3 文件3.txt','','1 篇；原件 9e14531a6dbb','b622dff39996811647b48018ada1d2cb830680894efd72df4b6c9a943c1df8f2');
INSERT INTO "audit" VALUES(4,'2026-11-21T11:01:54+00:00','','新增','4 文件4.txt','','1 篇；原件 9e14531a6dbb','c0c7d15a64e2bbfd18603a9ea624f32d94bb3cfb3b092676626c17322283b3db');
INSERT INTO "audit" VALUES(5,'2026-11-21T11:01:54+00:00','','新增','5 文件5.txt','','1 篇；原件 c6946853a339','349666fae068f170d4a88e85dcf44c3341caed4115ed4991e6295ca2fdbe687a');
INSERT INTO "audit" VALUES(6,'2026-11-21T11:01:54+00:00','','删除','5 文件5.txt','1 篇；原件 c6946853a339','','bf4bc4791e906ccd3dfdab06d45a91cbbff435e6b3d15ec5ea20b3d3f389359d');
INSERT INTO "audit" VALUES(7,'2026-11-21T11:01:59+00:00','命令行','测试','记下这一天的资料库','','','35ba4aed31710c1934bf055fe4842aa572b0e27720b89a45c57ef51d6a497f5d');
INSERT INTO "audit" VALUES(8,'2026-11-21T11:02:00+00:00','命令行','添加人员','管小理','','管理员','107299e8ded617ca06bb0d9360e205b61a67667f64a8930c5d7556722f377f28');
INSERT INTO "audit" VALUES(9,'2026-11-21T11:02:00+00:00','管小理','新增','5 文件5.txt','','1 篇；原件 e89dc9fc1984','edc3d69d2b98d0fd4d7241e8a8dc47d55e389c897afd22956ac883defae507f9');
INSERT INTO "audit" VALUES(10,'2026-11-21T11:02:00+00:00','管小理','更新','5 文件5.txt','原件：e89dc9fc1984；正文：13 字（e89dc9fc1984）','原件：fa0603425996；正文：13 字（fa0603425996）','eaf6d8d1e2cf61c397b82fcfb887a136acd998f55682b0ec9a9586374e522508');
INSERT INTO "audit" VALUES(11,'2026-11-21T11:02:00+00:00','管小理','新增','6 文件6.txt','','1 篇；原件 7479492c3805','ca09eed873d4a0f2d32b088d1582fe26dd950b0b17dcdd83cdf01883577950ae');
INSERT INTO "audit" VALUES(12,'2026-11-21T11:02:00+00:00','管小理','撤下','6 文件6.txt','1 篇；原件 7479492c3805','已撤下：过期','f424e255f35424232c0c543b424baf511001c6f0b8aaac4a7d7fddc88ade5c3d');
INSERT INTO "audit" VALUES(13,'2026-11-21T11:02:00+00:00','管小理','建立关联','2/1 文件2.txt — 1/1 文件1.txt','','2/1 替代了 1/1','f5d48928896b9b1f5cd78240647ed14dea0cfb26fa416e4628b00a53285aa61e');
INSERT INTO "audit" VALUES(14,'2026-11-21T11:02:00+00:00','管小理','添加密钥','云河市机关小程序（uq_ktP4…）','','干部，有效期至 2027-11-21','b2b2b2cd74864d7d25e84d1c64f0d8919a093f1b1b081d1a3f96249d01b5ec39');
CREATE TABLE embeddings (
        encoder TEXT NOT NULL, embedded BLOB NOT NULL, vector BLOB NOT NULL,
        PRIMARY KEY (embedded, encoder)
    ) WITHOUT ROWID;
INSERT INTO "embeddings" VALUES('hashing-16',X'314A2D079F51891C373BA5989C628C2F',X'00007030A8320000A832702C70307030A832702C702C1A3A702C7030A8367030');
INSERT INTO "embeddings" VALUES('hashing-16',X'31EB18A53549999A62CBCC8A57C0F2ED',X'2F32F234F23490355434CD32CD32CD3254345430543454306B2FA3346B334135');
INSERT INTO "embeddings" VALUES('hashing-16',X'32D3FF4E450B312281FF1FD775716DB5',X'F931C834C834AD352F3492322B33F9312F34C8302F342F30F92DC8347B346035');
INSERT INTO "embeddings" VALUES('hashing-16',X'42BECE42F7093516EE12FE3BF0239ABD',X'00005531000000345531553155350034553500345531AB38552D00340034552D');
INSERT INTO "embeddings" VALUES('hashing-16',X'4FB7AF74CAB4AF219C641D8DF95D4F9E',X'00002D33C93400002D332D330000C930C934C92CC92C6239C930C930C9342D33');
INSERT INTO "embeddings" VALUES('hashing-16',X'610ABFC9EEDA9BAF078739375A6F9F98',X'0000883688328832883288328836883200008832883288368836883200000000');
INSERT INTO "embeddings" VALUES('hashing-16',X'996262DEFD04DBCB741A9BA1FA0F33A9',X'00008B3300008B3307318B338B338B3349368B330731663807318B338B330731');
INSERT INTO "embeddings" VALUES('hashing-16',X'B65794942CD57510454A6036F495BA16',X'0000732C732C732C7334732C733073307334AC32AC328F39732C7330AC367330');
CREATE TABLE failures (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        origin TEXT NOT NULL UNIQUE, name TEXT NOT NULL, sha256 TEXT NOT NULL,
        at TEXT NOT NULL, program TEXT NOT NULL, message TEXT NOT NULL
    );
INSERT INTO "failures" VALUES(1,'/文件夹/坏.pdf','坏.pdf','abababababababababababababababababababababababababababababababab','2026-11-21T11:01:54+00:00','p1','文件打不开。请检查它是否完整。');
CREATE TABLE feedback (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,
        question TEXT NOT NULL, answer TEXT NOT NULL, rating TEXT NOT NULL,
        comment TEXT NOT NULL, evidence TEXT NOT NULL
    );
INSERT INTO "feedback" VALUES(1,'2026-11-21T11:01:59+00:00','浴室几天开放？','五天。','up','已经改了','["1/1/1"]');
INSERT INTO "feedback" VALUES(2,'2026-11-21T11:01:59+00:00','浴室几天开放？','五天。','down','已经改了','["1/1/1"]');
CREATE TABLE keys (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL, key TEXT NOT NULL, roles TEXT NOT NULL,
        digest BLOB NOT NULL UNIQUE, shown TEXT NOT NULL,
        created_at TEXT NOT NULL, created_by TEXT NOT NULL, ends_on TEXT NOT NULL,
        used_at TEXT NOT NULL DEFAULT '', revoked_at TEXT NOT NULL DEFAULT ''
    );
INSERT INTO "keys" VALUES(1,'云河市机关小程序','云河市机关小程序','cadre',X'5AD53D7AF605697C13A3216DC2C11F37AB9E3C401BF947F0EBE1F0468743ABE2','uq_ktP4','2026-11-21T11:02:00+00:00','管小理','2027-11-21','','');
CREATE TABLE links (
        id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,
        newer TEXT NOT NULL, older TEXT NOT NULL,
        newer_title TEXT NOT NULL, older_title TEXT NOT NULL,
        who TEXT NOT NULL, at TEXT NOT NULL,
        UNIQUE (newer, older)
    );
INSERT INTO "links" VALUES(1,'替代','2/1','1/1','云河市职工浴室管理办法（修订）','云河市职工浴室管理办法','管小理','2026-11-21T11:02:00+00:00');
CREATE TABLE passages (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        article TEXT NOT NULL REFERENCES articles ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        label TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        page INTEGER NOT NULL, boxes TEXT NOT NULL, text TEXT NOT NULL,
        embedded BLOB NOT NULL, path TEXT NOT NULL DEFAULT '[]', lead TEXT NOT NULL DEFAULT '',
        UNIQUE (article, ordinal)
    );
INSERT INTO "passages" VALUES(1,'1/1/1','1/1',1,'第一条',0,23,1,'[]','第一条 职工浴室每周开放五天，周一和周四检修。',X'314A2D079F51891C373BA5989C628C2F','[]','');
INSERT INTO "passages" VALUES(2,'1/1/2','1/1',2,'第二条',24,47,1,'[]','第二条 浴室的用水费由所在单位的工会经费列支。',X'42BECE42F7093516EE12FE3BF0239ABD','[]','');
INSERT INTO "passages" VALUES(3,'1/1/3','1/1',3,'第三条',48,74,1,'[]','第三条 职工凭会员卡免费使用浴室，家属每次收费四元。',X'B65794942CD57510454A6036F495BA16','[]','');
INSERT INTO "passages" VALUES(4,'2/1/1','2/1',1,'第一条',0,20,1,'[]','第一条 职工浴室每周开放六天，周一检修。',X'4FB7AF74CAB4AF219C641D8DF95D4F9E','[]','');
INSERT INTO "passages" VALUES(5,'2/1/2','2/1',2,'第二条',21,44,1,'[]','第二条 浴室的用水费由所在单位的工会经费列支。',X'996262DEFD04DBCB741A9BA1FA0F33A9','[]','');
INSERT INTO "passages" VALUES(6,'3/1/1','3/1',1,'',0,188,1,'[]','四月五日，云河市总工会在河滨公园举办职工风筝比赛，四十二家单位的一百三十名职工参加。比赛分为软翅、硬翅和自制三个组别，裁判由市风筝协会选派。环卫集团的秦晚晴用旧雨衣布缝成的燕子风筝飞得最高，拿了自制组第一名。她说，风筝骨架是父亲削的竹条，线轴是工友拿废电缆盘改的。市总工会宣教部介绍，明年的比赛将增加家庭组，报名从三月一日开始，各单位工会可以组队参加，午餐和饮水由主办方准备。',X'32D3FF4E450B312281FF1FD775716DB5','[]','');
INSERT INTO "passages" VALUES(7,'4/1/1','4/1',1,'',0,188,1,'[]','四月五日，云河市总工会在河滨公园举办职工风筝比赛，四十二家单位的一百三十名职工参加。比赛分为软翅、硬翅和自制三个组别，裁判由市风筝协会选派。环卫集团的秦晚晴用旧雨衣布缝成的燕子风筝飞得最高，拿了自制组第一名。她说，风筝骨架是父亲削的竹条，线轴是工友拿废电缆盘改的。市总工会宣教部介绍，明年的比赛将增加家庭组，报名从三月一日开始，各单位工会可以组队参加，午餐和饮水由主办方准备。',X'31EB18A53549999A62CBCC8A57C0F2ED','[]','');
INSERT INTO "passages" VALUES(10,'5/1/1','5/1',1,'',0,13,1,'[]','第二版的通知，改了一句话。',X'610ABFC9EEDA9BAF078739375A6F9F98','[]','');
CREATE TABLE people (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, roles TEXT NOT NULL, password TEXT NOT NULL,
        active INTEGER NOT NULL DEFAULT 1, created_at TEXT NOT NULL, signed_in_at TEXT NOT NULL DEFAULT ''
    );
INSERT INTO "people" VALUES(1,'管小理','管小理','admin','$argon2id$v=19$m=65536,t=3,p=4$SjSOAzv4hKp6A4jVGNpXrw$9+b2AD6WPscyeUn6+laE3+ZXN5vNVG9/KVa45tKn7N0',1,'2026-11-21T11:02:00+00:00','');
CREATE TABLE removed_sources (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL);
INSERT INTO "removed_sources" VALUES(6,10);
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
        closed TEXT NOT NULL DEFAULT '', answerable TEXT NOT NULL DEFAULT '',
        UNIQUE (question, understood, reason)
    );
INSERT INTO "review_items" VALUES(1,'2026-11-21T11:01:59+00:00',1,'拒答','浴室有没有桑拿？','','依据不足','没有依据。','[]','','','');
CREATE TABLE review_labels (
        item INTEGER NOT NULL REFERENCES review_items ON DELETE CASCADE,
        trainer TEXT NOT NULL, at TEXT NOT NULL,
        verdict TEXT NOT NULL, article TEXT NOT NULL, note TEXT NOT NULL,
        PRIMARY KEY (item, trainer)
    ) WITHOUT ROWID;
INSERT INTO "review_labels" VALUES(1,'培小训','2026-11-21T11:01:59+00:00','库里没有','','确实没有');
CREATE TABLE sessions (
        token BLOB PRIMARY KEY,
        person INTEGER NOT NULL REFERENCES people ON DELETE CASCADE,
        began REAL NOT NULL, seen REAL NOT NULL
    ) WITHOUT ROWID;
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "settings" VALUES('audit_count','14');
INSERT INTO "settings" VALUES('audit_head','b2b2b2cd74864d7d25e84d1c64f0d8919a093f1b1b081d1a3f96249d01b5ec39');
INSERT INTO "settings" VALUES('encoder','hashing-16');
INSERT INTO "settings" VALUES('links','1');
INSERT INTO "settings" VALUES('purge','');
INSERT INTO "settings" VALUES('revision','10');
INSERT INTO "settings" VALUES('store_id','bb3e5cf00e8db99e');
CREATE TABLE sign_in_failures (
        subject TEXT PRIMARY KEY,
        failures INTEGER NOT NULL, last REAL NOT NULL, blocked_until REAL NOT NULL
    ) WITHOUT ROWID
    ;
CREATE TABLE signature_bands (
        band INTEGER NOT NULL,
        signature INTEGER NOT NULL REFERENCES signatures ON DELETE CASCADE,
        PRIMARY KEY (band, signature)
    ) WITHOUT ROWID;
INSERT INTO "signature_bands" VALUES(8795648054171,3);
INSERT INTO "signature_bands" VALUES(20803537561613,3);
INSERT INTO "signature_bands" VALUES(49475029147542,3);
INSERT INTO "signature_bands" VALUES(64779331014819,3);
INSERT INTO "signature_bands" VALUES(88640655707260,3);
INSERT INTO "signature_bands" VALUES(93415049914724,3);
INSERT INTO "signature_bands" VALUES(101526563166931,3);
INSERT INTO "signature_bands" VALUES(106577415509933,3);
INSERT INTO "signature_bands" VALUES(116503505276403,3);
INSERT INTO "signature_bands" VALUES(130286021264164,3);
INSERT INTO "signature_bands" VALUES(130772757164347,3);
INSERT INTO "signature_bands" VALUES(163676717027165,3);
INSERT INTO "signature_bands" VALUES(169002444263013,3);
INSERT INTO "signature_bands" VALUES(177247018511778,3);
INSERT INTO "signature_bands" VALUES(179256642679347,3);
INSERT INTO "signature_bands" VALUES(180911364011202,3);
INSERT INTO "signature_bands" VALUES(184258599277027,3);
INSERT INTO "signature_bands" VALUES(192561708404922,3);
INSERT INTO "signature_bands" VALUES(210257058436523,3);
INSERT INTO "signature_bands" VALUES(220752356143727,3);
INSERT INTO "signature_bands" VALUES(229363760149377,3);
INSERT INTO "signature_bands" VALUES(235230564396851,3);
INSERT INTO "signature_bands" VALUES(242134500666175,3);
INSERT INTO "signature_bands" VALUES(248127946192709,3);
INSERT INTO "signature_bands" VALUES(261587315154879,3);
INSERT INTO "signature_bands" VALUES(266481756059540,3);
INSERT INTO "signature_bands" VALUES(268153549087341,3);
INSERT INTO "signature_bands" VALUES(279548734508186,3);
INSERT INTO "signature_bands" VALUES(8795648054171,4);
INSERT INTO "signature_bands" VALUES(20803537561613,4);
INSERT INTO "signature_bands" VALUES(49475029147542,4);
INSERT INTO "signature_bands" VALUES(64779331014819,4);
INSERT INTO "signature_bands" VALUES(88640655707260,4);
INSERT INTO "signature_bands" VALUES(93415049914724,4);
INSERT INTO "signature_bands" VALUES(101526563166931,4);
INSERT INTO "signature_bands" VALUES(106577415509933,4);
INSERT INTO "signature_bands" VALUES(116503505276403,4);
INSERT INTO "signature_bands" VALUES(130286021264164,4);
INSERT INTO "signature_bands" VALUES(130772757164347,4);
INSERT INTO "signature_bands" VALUES(163676717027165,4);
INSERT INTO "signature_bands" VALUES(169002444263013,4);
INSERT INTO "signature_bands" VALUES(177247018511778,4);
INSERT INTO "signature_bands" VALUES(179256642679347,4);
INSERT INTO "signature_bands" VALUES(180911364011202,4);
INSERT INTO "signature_bands" VALUES(184258599277027,4);
INSERT INTO "signature_bands" VALUES(192561708404922,4);
INSERT INTO "signature_bands" VALUES(210257058436523,4);
INSERT INTO "signature_bands" VALUES(220752356143727,4);
INSERT INTO "signature_bands" VALUES(229363760149377,4);
INSERT INTO "signature_bands" VALUES(235230564396851,4);
INSERT INTO "signature_bands" VALUES(242134500666175,4);
INSERT INTO "signature_bands" VALUES(248127946192709,4);
INSERT INTO "signature_bands" VALUES(261587315154879,4);
INSERT INTO "signature_bands" VALUES(266481756059540,4);
INSERT INTO "signature_bands" VALUES(268153549087341,4);
INSERT INTO "signature_bands" VALUES(279548734508186,4);
CREATE TABLE signatures (
        number INTEGER PRIMARY KEY,
        article TEXT NOT NULL UNIQUE REFERENCES articles ON DELETE CASCADE,
        signature BLOB NOT NULL
    );
INSERT INTO "signatures" VALUES(1,'1/1',X'');
INSERT INTO "signatures" VALUES(2,'2/1',X'');
INSERT INTO "signatures" VALUES(3,'3/1',X'A4A67600DF86D3000E23B20045201A0250AE42049CD96B0063F88901FA839800622B0D0057A14000FA8D10002854EE05D4E702019D474500A0271302854521022071AF003A1A1803E90FF4001699E00199B7A200A588A7002216A8006444D50146301803F0EEDB04017FE1025F199701081FD9021262DB0088476200BB7A260088F8B00157CBC601CF84E10065CFB100B8465102AC2799000120B500CEF97F004AE8ED00A0BB6A02D4E44503848BF800134B0C0096B05D01B0E11302B7AC1900DFC0A901F0E50F0129713E00DA924E01979B09032FA622000421B9009C7DEE002C24D400A5B1DC011EB40E0096532A033B9795001C5B27003D437600D8EA8C02A4757E0074314E013ECB050192B8160053C0B0015AF810039F89E40074531E02DA3646019B836D0129691C010E2E7B017BFC270152A37E00333D6B00C149160064E8A402696BE0047100E600A970D402');
INSERT INTO "signatures" VALUES(4,'4/1',X'A4A67600DF86D3000E23B20045201A0250AE42049CD96B0063F88901FA839800622B0D0057A14000FA8D10002854EE05D4E702019D474500A0271302854521022071AF003A1A1803E90FF4001699E00199B7A200A588A7002216A8006444D50146301803F0EEDB04017FE1025F199701081FD9021262DB0088476200BB7A260088F8B00157CBC601CF84E10065CFB100B8465102AC2799000120B500CEF97F004AE8ED00A0BB6A02D4E44503848BF800134B0C0096B05D01B0E11302B7AC1900DFC0A901F0E50F0129713E00DA924E01979B09032FA622000421B9009C7DEE002C24D400A5B1DC011EB40E0096532A033B9795001C5B27003D437600D8EA8C02A4757E0074314E013ECB050192B8160053C0B0015AF810039F89E40074531E02DA3646019B836D0129691C010E2E7B017BFC270152A37E00333D6B00C149160064E8A402696BE0047100E600A970D402');
INSERT INTO "signatures" VALUES(5,'5/1',X'');
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
INSERT INTO "sources" VALUES(5,8,'文件5.txt','/文件夹/文件5.txt','fa0603425996e119cb7cb802ede54ce17fbf22c98f6717ebd39a1171af577c09','text/plain',39,'2024-05-01T08:00:00+08:00','',1,'test','[]');
CREATE INDEX sources_revision ON sources (revision);
CREATE INDEX sources_origin ON sources (origin);
CREATE INDEX sources_sha256 ON sources (sha256);
CREATE INDEX removed_sources_revision ON removed_sources (revision);
CREATE INDEX passages_embedded ON passages (embedded);
CREATE INDEX failures_sha256 ON failures (sha256);
CREATE INDEX review_evidence_source ON review_evidence (source);
CREATE INDEX signature_bands_signature ON signature_bands (signature);
CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'append only'); END;
CREATE TRIGGER audit_holds BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'append only'); END;
CREATE INDEX asked_at ON asked (at);
CREATE INDEX asked_who ON asked (who) WHERE who <> '';
CREATE INDEX archive_source ON archive (source);
CREATE INDEX archive_sha256 ON archive (sha256);
CREATE INDEX archive_origin ON archive (origin);
CREATE UNIQUE INDEX archive_withdrawn ON archive (source) WHERE state = '撤下';
CREATE INDEX links_older ON links (older);
CREATE INDEX sessions_person ON sessions (person);
CREATE UNIQUE INDEX keys_key ON keys (key) WHERE revoked_at = ''
    ;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('review_items',1);
INSERT INTO "sqlite_sequence" VALUES('audit',14);
INSERT INTO "sqlite_sequence" VALUES('sources',6);
INSERT INTO "sqlite_sequence" VALUES('passages',11);
INSERT INTO "sqlite_sequence" VALUES('failures',1);
INSERT INTO "sqlite_sequence" VALUES('feedback',2);
INSERT INTO "sqlite_sequence" VALUES('asked',1);
INSERT INTO "sqlite_sequence" VALUES('people',1);
INSERT INTO "sqlite_sequence" VALUES('archive',2);
INSERT INTO "sqlite_sequence" VALUES('links',1);
INSERT INTO "sqlite_sequence" VALUES('keys',1);
COMMIT;
PRAGMA user_version=10;
