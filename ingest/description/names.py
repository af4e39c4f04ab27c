"""Who signs: names of people and bodies as newspapers and notices write them."""

import re
from typing import NamedTuple

#: Surnames of one character: the Hundred Family Surnames and those common since.
SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
    "鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄"
    "和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭"
    "梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚"
    "程嵇邢滑裴陆荣翁荀羊於惠甄曲封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁"
    "仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘"
    "党翟谭贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古"
    "易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋"
    "沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖闫岳仝代付佟涂亓冼苟牟覃展楚商尧揭冮么么"
)
COMPOUND_SURNAMES = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "夏侯",
        "东方",
        "尉迟",
        "公孙",
        "令狐",
        "皇甫",
        "慕容",
        "司徒",
        "端木",
        "呼延",
        "南宫",
    ]
)
#: Characters that people's given names like to end with: they tell a name whose surname is rare.
_GIVEN = frozenset(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红玲芬燕彬凤洁梅琳莉鹏辉健俊峰波斌婷雪"
    "倩晶宁琴莹颖凯浩宇晨欣怡佳琪璐瑶楠鑫博轩昊睿婧琦岩松林森海龙虎飞宏志祥瑞庆福贵荣昌盛"
)
#: What follows names on a newspaper's page without being one: words for columns.
COLUMN_WORDS = frozenset(
    [
        "观点",
        "视点",
        "论坛",
        "时评",
        "评论",
        "思考",
        "声音",
        "言论",
        "特稿",
        "专访",
        "调研",
        "理论",
        "综合",
        "要闻",
    ]
)

_POSITION = re.compile(
    r"(主席|书记|部长|主任|科长|处长|局长|会长|院长|校长|经理|干事|委员|教授|研究员|讲师|律师|记者|编辑|"
    r"指导员|辅导员|监督员|协理员|工程师|工匠|院士|站长|社长|总编辑|秘书长|厂长|董事长|通讯员|评论员|委员长|调研员|专员|代表|成员|负责人|班长|法官|主管)$"
)
_BODY = re.compile(
    r"(工会|委员会|办公室|支部|党委|党组|公司|集团|学院|大学|中学|小学|学校|医院|法院|检察院|局|厅|研究会|"
    r"研究院|研究室|协会|联合会|课题组|调研组|编辑部|报社|工会部|工作部|宣传部|组织部|保障部|事业部|文化宫)$"
)
_PLACED = re.compile(r"省|市|县|区|镇|乡|州|全国|中华|中国|公司|集团|大学|学院|本报")
_PLACES = re.compile(r"[省市县区镇村校院厂局部会处科社]")
_ACTS = re.compile(
    r"的|走进|建设|推进|推动|发挥|加强|助力|如何|开展|举办|打造|提升|创新|实施|服务|关爱|让|为|在|与"
)
_REPORTER = re.compile(
    r"^(?:[□■○●◎]\s*)?(?:本报|本刊|特约|新华社|实习)?(?:记者|通讯员|评论员|撰稿人?|编辑|文|作者)\s*[:：/／]?\s*"
)


class Byline(NamedTuple):
    """署名: the names, the body or position they stand with, a column word that was set beside them.

    ``certain`` is False where the line could as well be a short heading.
    """

    names: tuple[str, ...]
    body: str = ""
    column: str = ""
    certain: bool = True


def split_names(text: str, *, loose: bool = False) -> tuple[str, ...]:
    """The names in a list such as ``"王雪 赵露"``, glued ones parted (``"马传忠朱剑"``); () where it is none.

    ``loose``: beside a name that is sure, a short word without a known surname counts too
    (photographers sign with half a name).
    """
    text = re.sub(r"(?<!\S)(\S)[ \u3000](\S)(?!\S)", r"\1\2", text.strip())  # 程 龙 → 程龙
    tokens = [token for token in re.split(r"[\s、，,/／·]+", text.strip()) if token]
    parted = [_part(token) for token in tokens]
    if not tokens or any(not names for names in parted):
        return ()
    names = [name for group in parted for name in group]
    sure = sum(has_surname(name) for name in names)
    return tuple(names) if sure == len(names) or (loose and sure >= 1) or _unusual(names, sure) else ()


def has_surname(name: str) -> bool:
    """Whether it begins with a surname and has the length of a Chinese name."""
    return (2 <= len(name) <= 3 and name[0] in SURNAMES) or (
        3 <= len(name) <= 4 and name[:2] in COMPOUND_SURNAMES
    )


def _unusual(names: list[str], sure: int) -> bool:
    """A rare surname among known ones, or alone, or the second of a glued pair: told by how the name ends."""
    if sure < 2 / 3 * len(names) and not (len(names) == 1 or (len(names) == 2 and has_surname(names[0]))):
        return False
    return all(has_surname(n) or (2 <= len(n) <= 3 and n[-1] in _GIVEN) for n in names)


def _part(token: str) -> list[str]:
    """One token parted into names of two to four characters, as few unknown surnames as possible."""
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,12}", token) or (len(token) > 4 and _PLACES.search(token)):
        return []
    best: list[tuple[float, list[str]] | None] = [(0.0, [])] + [None] * len(token)
    for end in range(2, len(token) + 1):
        for size in (2, 3, 4):
            before = best[end - size] if end >= size else None
            piece = token[end - size : end]
            if before is None or (size == 4 and piece[:2] not in COMPOUND_SURNAMES):
                continue
            cost = before[0] + (0 if has_surname(piece) else 1) + (0.1 if size == 2 else 0)
            found = best[end]
            if found is None or cost < found[0]:
                best[end] = (cost, [*before[1], piece])
    return best[-1][1] if best[-1] else []


_BULLET = re.compile(r"^[□■○●◎◇◆◯〇☆★△▲]\s*(?=[\u4e00-\u9fff])")  # ○陶远山


def byline(text: str) -> Byline | None:
    """What a line says as a byline, None where it cannot be one.

    ``"云河市总工会副主席 陈立"`` → names and position; ``"云河市总工会"`` alone → the body signs.
    """
    text = _BULLET.sub("", text.replace("*", "").strip())
    if not text or len(text) > 45 or re.search(r"[。！？；，,!?;《》“”]", text):
        return None
    column = next((word for word in COLUMN_WORDS if text.endswith(" " + word)), "")
    text = text.removesuffix(column).strip()
    return _reported_by(text, column) or _signed_by(text, column) or _body_signs(text)


def is_body(text: str) -> bool:
    """Whether it names an organisation, and not somebody's position in it."""
    return bool(_BODY.search(text))


def _signed_by(text: str, column: str) -> Byline | None:
    names = split_names(text)
    if names:
        return Byline(names, column=column, certain=bool(column) or (len(names) > 1 and " " in text))
    head, _, tail = text.rpartition(" ")
    while head:
        names = split_names(tail)
        if names and (_POSITION.search(head) or _BODY.search(head)):
            return Byline(names, body=head.strip(), column=column)
        head, _, more = head.rpartition(" ")
        tail = f"{more} {tail}"
    return None


def _reported_by(text: str, column: str) -> Byline | None:
    """``本报记者 张三 通讯员 李四``, ``文/张三``."""
    start = _REPORTER.match(text)
    if not start or start.end() == 0:
        return None
    rest = re.sub(r"(?:本报|特约)?(?:记者|通讯员|实习生)", " ", text[start.end() :])
    names = split_names(rest, loose=True)
    return Byline(names, column=column) if names else None


def _body_signs(text: str) -> Byline | None:
    if " " in text or not 5 <= len(text) <= 24 or not _BODY.search(text):
        return None
    if not _PLACED.search(text) or _ACTS.search(text):
        return None
    return Byline((), body=text, certain=False)
