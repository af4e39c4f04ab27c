"""Three documents of a store: a rule, a notice, a story without a date."""

FEES = {
    "title": "工会经费怎么收",
    "text": "用人单位按全部职工工资总额的百分之二拨缴。\n逾期不缴的，由工会催缴。",
    "labels": ["第一条", "第二条"],
    "kind": "办法",
    "issuer": "云河市总工会",
    "number": "云工发〔2031〕7号",
    "region": "云河市",
    "status": "现行",
    "published_on": "2031-03-05",
}
SUMMER = {
    "title": "关于开展送清凉活动的通知",
    "text": "高温期间，各单位要备好防暑用品。",
    "kind": "通知",
    "issuer": "石溪县总工会",
    "region": "石溪县",
    "status": "已废止",
    "published_on": "2030-06",
}
UNDATED = {
    "title": "读书小组的故事",
    "text": "车间里的读书小组每周见面。",
    "kind": "新闻",
    "authors": ("卓若岚",),
}
