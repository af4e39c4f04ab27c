"""Prints the two sample newspaper pages: ``python corpus/documents/make/newspapers.py [chromium]`` (with ``fonttools``).

Every block has its place on the page, in millimetres (left, top, width), as a layout program
would put it; a body runs in columns of its own. A headline is printed twice, the second time a
little to the right and below: the shadow that makes text layers say everything twice.
All people, units and figures are invented.
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fonts import faces

FOLDER = Path(__file__).parent.parent
SHADOW = '<span class="shadow">{0}</span><span class="face">{0}</span>'


@dataclass(frozen=True)
class Story:
    """One article: its place in millimetres, and its text.

    ``body`` holds a paragraph a line; a line that starts with ``## `` is a subhead.
    """

    place: tuple[float, float, float, float]  # left, top, width, height
    columns: int
    label: str
    title: str
    byline: str
    body: str
    size: float = 7.5  # of the headline, in millimetres
    shadow: bool = True
    photo: bool = False


@dataclass(frozen=True)
class Sheet:
    """One page. ``headlines_last``: its headlines are drawn after the bodies below them, as many programs do."""

    name: str
    date: str
    number: str
    headlines_last: bool
    stories: tuple[Story, ...]


JUNE = Sheet(
    name="云河-工会之声-2025-06-18-第2版",
    date="2025年6月18日 星期三",
    number="第2版 基层视窗",
    headlines_last=False,
    stories=(
        Story(
            place=(12, 34, 154, 150),
            columns=3,
            label="主席之声",
            title="把驿站建到劳动者必经的路口",
            byline="临河县总工会主席 邵青禾",
            body="""
户外劳动者驿站不是摆设，关键看劳动者走不走得进来、用不用得顺手。近年来，临河县总工会坚持小切口办大实事，到2024年底全县建成驿站45个，全年服务户外劳动者18.6万人次。今年计划再建12个，让驿站真正成为户外劳动者的“落脚点”。
## 选址跟着人流走
过去建驿站，往往是哪里有房子就建在哪里。去年我们请来9名快递员和外卖配送员当“选址员”，用半个月时间画出“奔波地图”，标注等单点、充电点、歇脚点136处。根据这张地图，我们调整了11个驿站的位置，把其中7个从社区办公楼搬到了商圈和路口。调整后，单站日均进站人数由19人次上升到43人次。
## 服务跟着需求变
驿站里放什么，劳动者说了算。我们在每个驿站设置“心愿墙”，一年收集意见建议320条，办结298条。根据大家的建议，给26个驿站加装了换电柜，给15个驿站配备了雨衣、头盔和打气筒，在6个驿站开设了“夜间灯”，开放时间延长到晚上11点。
## 管理跟着实效转
驿站建得好更要管得好。我们推行“站长+志愿者”制度，聘请45名站长、招募180名志愿者，每月由户外劳动者给驿站打分。连续两个月低于80分的，由县总工会约谈建设单位。去年有3个驿站被约谈，经过整改全部重新达标。
驿站虽小，连着民心。我们将把每一个驿站都建成工会联系职工的窗口，让奔波在路上的劳动者累了能歇脚、渴了能喝水、有事能找到工会。
""",
            size=9,
        ),
        Story(
            place=(174, 34, 102, 98),
            columns=2,
            label="基层动态",
            title="云东区：一刻钟服务圈让职工少跑腿",
            byline="本报通讯员 林溪",
            body="""
“下班顺路就能借书、理发、咨询法律问题，工会就在家门口。”6月9日，在云东区和平街道职工服务驿家，超市收银员小宋说。
今年以来，云东区总工会整合辖区86个驿站、41家职工书屋和12个职工服务中心，打造“一刻钟服务圈”38个，覆盖全区12个街道。服务圈列出服务清单24项，其中免费项目17项。
该区投入260万元改造老旧阵地，实行“一窗受理、一单到底”，职工诉求平均办理时间由5.2天缩短到1.8天。1月至5月累计服务职工9.4万人次，职工满意度达到96.3%。
下一步，云东区总工会将在年底前再建服务圈10个，并开通“夜间课堂”。
""",
            size=6,
        ),
        Story(
            place=(12, 174, 110, 108),
            columns=2,
            label="履职手记",
            title="我在物流园当协商指导员",
            byline="云西区总工会集体协商指导员 何稻生",
            body="""
我退休前干了30年企业工会工作，两年前受聘到云西物流园当集体协商指导员。园区里有17家快递和货运企业，一线职工1360人，过去大家对“协商”两个字很陌生。
## 先算清一本账
第一次上门，有位经理说：“单价是总部定的，没法谈。”我没有争辩，而是和职工代表一起用一个月时间，跟车12次，记下油费、话费、罚款和工时，算出每一件快件的实际成本。账本摆上桌，对方沉默了。
## 再谈成一件事
从去年11月到今年3月，我们先后谈了5轮。最终，末端派送单价由每件1.10元提高到1.25元，高温补贴由每天8元提高到12元，取消不合理罚款6项，每月保证休息不少于4天。3月28日，园区快递行业集体合同正式签订。
签约那天，一位小伙子握着我的手说：“老何，这是我第一次觉得自己说话有用。”做协商指导员，靠的是腿勤、嘴稳、心热，更要靠一本明白账。
""",
            size=7,
        ),
        Story(
            place=(130, 174, 70, 108),
            columns=1,
            label="简讯",
            title="白塔县1150名女职工免费“两癌”筛查",
            byline="",
            body="""
本报讯（通讯员 孟归雁）6月3日至13日，白塔县总工会联合县妇幼保健院开展女职工“两癌”免费筛查，共为全县62家企业的1150名女职工提供检查，其中农民工和新就业形态女职工480名，占41.7%。
筛查采取“流动筛查车进企业”的方式，安排3辆车、18名医护人员，先后走进8个乡镇和2个工业园区。对发现的37名疑似异常人员，由县总工会协调开通复诊绿色通道，复诊费用按70%给予补助。
白塔县总工会女职工委员会主任向晚介绍，筛查工作已连续开展6年，累计服务女职工5200名。
""",
            size=5.2,
            shadow=False,
        ),
        Story(
            place=(208, 174, 68, 108),
            columns=1,
            label="图片新闻",
            title="桥塔下的清凉",
            byline="本报记者 褚野 摄影报道",
            body="""
6月12日，经开区总工会走进云河二桥建设工地，为320名建设者送去绿豆汤、藿香正气水和遮阳帽。图为工会干部在桥塔下为工人发放清凉包。
""",
            size=5.2,
            shadow=False,
            photo=True,
        ),
    ),
)

SEPTEMBER = Sheet(
    name="云河-工会之声-2025-09-24-第3版",
    date="2025年9月24日 星期三",
    number="第3版 建功立业",
    headlines_last=True,
    stories=(
        Story(
            place=(196, 34, 80, 132),
            columns=1,
            label="维权在线",
            title="一份提示函 追回37名职工加班工资",
            byline="本报通讯员 江予安",
            body="""
“21.8万元加班工资一分不少，全部到账！”9月2日，经开区某电子公司职工代表给经开区总工会送来锦旗。
7月下旬，经开区总工会劳动法律监督员在走访中了解到，该公司冲压车间37名职工连续4个月每天加班2小时以上，却只按每小时15元发放加班工资。监督员调取考勤记录1100余条，核算出应补发的工资差额。
协商沟通没有结果后，8月4日，经开区总工会向该公司发出《工会劳动法律监督提示函》，要求15日内书面答复。8月15日，公司书面答复同意补发；8月29日，21.8万元全部发放到位。
今年以来，经开区总工会共发出提示函46份、意见书5份，企业按期整改率达到94%，为512名职工追回劳动报酬187万元。
“提示函不是处罚，而是提醒。”经开区总工会法律工作部部长谷雨声说，用好“一函两书”，能让更多纠纷止于未发、化于萌芽。
""",
            size=6.4,
        ),
        Story(
            place=(12, 34, 176, 132),
            columns=4,
            label="工会论坛",
            title="产改要改到班组里",
            byline="云河重型装备有限公司工会主席 陶远舟",
            body="""
产业工人队伍建设改革，改得怎么样，班组最有发言权。云河重型装备有限公司有职工2860人、班组146个。近三年来，公司工会坚持把产改措施落到班组、落到岗位，高级工以上技能人才占比由41%提高到58%。
## 让技能值钱
公司与工会通过集体协商建立技能津贴制度，按照初级工至首席技师8个等级，每月发放300元至3000元津贴，全年支出920万元。设立首席技师岗位12个，待遇与中层副职相当。
## 让创新有路
推行“班组微创新”，每个班组每季度至少提出一项改善建议，小额项目由班组长当场拍板，最高可批2000元经费。去年共提出建议1836条，实施1207条，节约成本1460万元。
## 让成长有梯
打通管理、技术、技能三条通道，去年有23名一线工人转任工程师或者班组管理岗位。公司出资与云河技师学院开办“产业工人学历班”，两年共有168名职工取得大专以上学历，学费由公司承担60%、工会补助20%、个人承担20%。
## 让工人说话
职代会代表中一线职工占比由52%提高到65%，设立工人董事1名、工人监事1名。每月15日为“班组听诊日”，公司领导轮流到班组现场办公，去年解决问题411个。
实践表明，产改不是发几份文件、挂几块牌子，而是要让每一名工人感到技能有用武之地、付出有合理回报。班组活了，企业就活了。
""",
            size=10,
        ),
        Story(
            place=(12, 180, 96, 124),
            columns=2,
            label="女工园地",
            title="柳津市：一站一品 让康乃馨开在职工身边",
            byline="本报记者 苏晚晴",
            body="""
午休时分，柳津纺织有限公司康乃馨服务站里，几名准妈妈正在听助产士讲课。这样的“孕妈课堂”，今年已经开了26期。
目前，柳津市共建成女职工康乃馨服务站48家，其中市级示范站6家。今年1月至8月，累计服务女职工2.3万人次。
柳津市总工会推行“一站一品”，鼓励服务站结合行业特点打造特色：纺织企业做“孕妈课堂”，商圈做“母婴补给站”，医院做“减压小屋”，园区做“亲子书房”。市总每年安排50万元，对特色明显的服务站每家奖励1万元至3万元。
“站不在大，贵在常用。”柳津市总工会女职工委员会主任温故说，他们建立了使用率通报制度，月使用不足30人次的服务站要说明原因。今年以来，全市服务站平均月使用量达到62人次。
""",
            size=6.2,
        ),
        Story(
            place=(116, 180, 92, 124),
            columns=2,
            label="竞赛风采",
            title="“匠心云河”焊工决赛落幕",
            byline="",
            body="""
本报讯（记者 苏晚晴 通讯员 贺兰舟）9月20日，2025年“匠心云河”焊工决赛在云河技师学院举行，来自12个单位的36名选手同台竞技。
决赛分为理论考试和实操比赛两部分，理论成绩占30%，实操成绩占70%。实操要求选手在240分钟内完成板材立焊、管材对接和障碍管焊接三个项目，裁判组对焊缝进行外观评分和射线探伤。
经过角逐，云河重型装备有限公司关牧野以94.6分获得第一名，柳津船舶有限公司尹拾光以93.1分获得第二名，云河建工集团段青崖以91.8分获得第三名。按照竞赛通知，前三名分别获得1万元、6000元、3000元奖金，并授予“云河市技术能手”称号。
今年28岁的关牧野是本届决赛年龄最小的选手。“比赛不是终点，回到车间还要把绝活教给徒弟。”他说。
截至目前，今年28个工种的市级决赛已完成11个，其余将于10月15日前结束。
""",
            size=6.2,
        ),
        Story(
            place=(216, 180, 60, 124),
            columns=1,
            label="图片新闻",
            title="书香满工地",
            byline="本报记者 褚野 摄影报道",
            body="""
9月17日，云河地铁3号线项目部职工书屋举办“工地夜读”分享会，45名建设者参加。这家书屋去年12月建成，藏书1800册。图为焊工彭见山在朗读自己的诗作。
""",
            size=5.2,
            shadow=False,
            photo=True,
        ),
    ),
)

STYLE = """
@page { size: 288mm 302mm; margin: 0 }
* { margin: 0; padding: 0; box-sizing: border-box }
body { font-family: Song; font-size: 3.45mm; line-height: 1.55; color: #111 }
.at { position: absolute }
.masthead { left: 12mm; top: 9mm; width: 264mm; border-bottom: .7mm solid #111; height: 19mm }
.masthead b { font: 11mm/14mm Heavy }
.masthead span { position: absolute; right: 0; font: 3.6mm Hei }
.notice { left: 12mm; top: 292mm; width: 264mm; font: 2.9mm Hei; border-top: .3mm solid #111 }
.label { display: inline-block; font: 3.6mm Heavy; border: .3mm solid #111; padding: 0 1mm }
h1 { font-family: Heavy; font-weight: normal; line-height: 1.25; position: relative; margin: 1.5mm 0 }
.shadow { position: absolute; left: .45mm; top: .45mm; color: #999 }
.face { position: relative }
.byline { font: 3.4mm Hei; margin-bottom: 1.5mm }
.body { column-gap: 5mm; column-fill: balance; text-align: justify }
.body p { text-indent: 2em }
h2 { font: 3.7mm Heavy; margin: 1.2mm 0; break-after: avoid }
.photo { height: 40mm; background: linear-gradient(#9ab, #cde 55%, #786); margin: 1mm 0 }
"""

# Chromium draws positioned blocks after the others: position everything, and the order is the text's own.
IN_ORDER = ".byline, .photo, .body { position: relative }"


def story_html(story: Story) -> str:
    left, top, width, height = story.place
    title = SHADOW.format(story.title) if story.shadow else story.title
    lines = story.body.strip().splitlines()
    body = "".join(f"<h2>{x[3:]}</h2>" if x.startswith("## ") else f"<p>{x}</p>" for x in lines)
    photo = '<div class="photo"></div>' if story.photo else ""
    byline = f'<div class="byline">{story.byline}</div>' if story.byline else ""
    return (
        f'<div class="at" style="left:{left}mm;top:{top}mm;width:{width}mm;height:{height}mm">'
        f'<div class="label">【{story.label}】</div><h1 style="font-size:{story.size}mm">{title}</h1>'
        f'{byline}{photo}<div class="body" style="columns:{story.columns}">{body}</div></div>'
    )


def sheet_html(sheet: Sheet) -> str:
    """The page as HTML: masthead, stories in the order given, the note that all is invented."""
    drawn = (
        '<div class="at masthead"><b>云河工会之声（示例）</b>'
        f'<span style="top:2mm">{sheet.date}</span><span style="top:8mm">{sheet.number}</span></div>'
        + "".join(story_html(story) for story in sheet.stories)
        + '<div class="at notice">本版为示例，云河市总工会及文中单位、人物、数据均为虚构。</div>'
    )
    style = STYLE if sheet.headlines_last else STYLE + IN_ORDER
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>{sheet.name}</title>'
        f"<style>{faces(drawn)}{style}</style>{drawn}</html>"
    )


def chromium(page: str, *flags: str, program: str = "/usr/bin/chromium") -> None:
    """Opens ``page`` (HTML) in headless Chromium, which does what ``flags`` ask: print or take a picture."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        always = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        subprocess.run([program, *always, *flags, source.as_uri()], check=True, capture_output=True)  # noqa: S603 - our own arguments


if __name__ == "__main__":
    program = sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/chromium"
    for sheet in (JUNE, SEPTEMBER):
        target = FOLDER / f"{sheet.name}.pdf"
        chromium(
            sheet_html(sheet),
            "--no-pdf-header-footer",
            "--disable-pdf-tagging",
            f"--print-to-pdf={target}",
            program=program,
        )
