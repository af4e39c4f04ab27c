"""Writes the Word files among the sample documents: ``python corpus/documents/make/word_files.py``.

A text is a list of lines; the mark before a line says what Word makes of it:
``# `` the title, ``## `` a heading, ``- `` a bullet, ``1. `` an automatic number (Word draws it, so
the number is not in the text), ``| `` a table row, ``> `` right-aligned (signature), else a paragraph.
"""

from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn

FOLDER = Path(__file__).parent.parent
NOTE = "本文件为示例，云河市总工会为虚构单位，内容均为虚构。"

MUTUAL_AID = f"""
# 云河市职工互助保障实施办法（示例）
云工发〔2022〕7号
{NOTE}
第一条 为发挥职工互助互济作用，缓解职工因住院、重大疾病和意外伤害造成的生活困难，制定本办法。
第二条 本市行政区域内依法建立工会的单位，可以组织本单位工会会员参加职工互助保障活动。同一单位参加人数不得少于会员总数的50%。
第三条 参保费用为每人每年80元，由基层工会经费承担不低于50%，其余部分由个人承担。
第四条 保障期限为一年，自缴费次月1日零时起计算。首次参加的，住院保障设30日等待期；连续参加的，不设等待期。
第五条 住院医疗保障：会员住院治疗，经基本医疗保险报销后的个人自付部分，扣除500元起付线后按30%给付，每人每年最高给付1.5万元。
第六条 重大疾病保障：会员首次确诊患有本办法附表所列25种重大疾病之一的，一次性给付1万元。
第七条 意外伤害保障：会员因意外伤害身故的，一次性给付3万元；因意外伤害致残的，按伤残等级给付。
第八条 女职工特殊疾病保障：女会员首次确诊患有原发性乳腺癌、宫颈癌、卵巢癌之一的，在重大疾病保障之外另行给付5000元。
第九条 会员应当自出院、确诊或者事故发生之日起90日内，通过基层工会提出申请。市职工互助保障中心自收到完整材料之日起15个工作日内完成审核给付。
第十条 申请给付应当提交下列材料：
（一）给付申请表；
（二）本人身份证和会员证复印件；
（三）住院费用结算单、出院小结或者诊断证明；
（四）本人银行账户信息。
第十一条 有下列情形之一的，不予给付：
（一）提供虚假材料的；
（二）故意犯罪、自伤造成的；
（三）等待期内发生的住院。
第十二条 互助保障资金专户管理、专款专用，每年公布一次收支情况，接受经费审查委员会审查。
第十三条 本办法自2022年5月1日起施行。
> 云河市总工会
> 2022年3月28日
"""

CONTEST = f"""
# 云河市总工会关于开展2025年“匠心云河”劳动和技能竞赛的通知（示例）
云工发〔2025〕9号
{NOTE}
各县（市、区）总工会，经开区总工会，市直各产业工会：
为深化产业工人队伍建设改革，激发广大职工劳动热情和创造活力，市总工会决定开展2025年“匠心云河”劳动和技能竞赛。现将有关事项通知如下。
## 一、目标任务
全年带动10万名职工参赛，开展市级技能竞赛28个工种，在12个市级重点工程项目开展示范性劳动竞赛，新建市级劳模和工匠人才创新工作室20家，每家给予3万元启动资金。
## 二、竞赛设置
| 类别 | 工种数（个） | 代表工种 | 承办单位 |
| 智能制造 | 9 | 焊工、数控车工、工业机器人系统操作员 | 云河技师学院 |
| 建筑施工 | 5 | 砌筑工、钢筋工、测量员 | 云河建工集团 |
| 交通物流 | 4 | 叉车司机、快递员、公交车驾驶员 | 柳津交通职业学校 |
| 现代服务 | 6 | 养老护理员、育婴员、中式烹调师 | 云东区职业教育中心 |
| 数字技术 | 4 | 网络安全管理员、数据标注员、无人机驾驶员 | 经开区数字产业园 |
| 合计 | 28 | | |
## 三、时间安排
1. 动员报名：4月10日至5月15日。
1. 初赛复赛：5月16日至8月31日，由各县（市、区）和行业自行组织，参赛职工比例不低于本地同工种从业人员的20%。
1. 市级决赛：9月1日至10月15日。
1. 总结表彰：11月。
## 四、奖励办法
- 各工种决赛第一名奖励1万元，第二名奖励6000元，第三名奖励3000元，第四名至第八名各奖励1000元。
- 第一名符合条件的，按程序申报“云河市五一劳动奖章”；前三名授予“云河市技术能手”称号，并按规定晋升职业技能等级。
- 示范性劳动竞赛每半年评选一次优胜班组，全年评选40个，每个班组奖励5000元。
- 评选职工优秀“五小”创新成果100项，其中一等奖10项、二等奖30项、三等奖60项，每项分别奖励5000元、3000元、1000元。
## 五、保障措施
市总工会安排竞赛专项经费300万元。各承办单位应当制定竞赛规程和安全预案，裁判人员从市级裁判库中随机抽取，成绩当场公布。参赛不得收取任何费用，参赛期间视为正常出勤。
> 云河市总工会
> 2025年4月2日
"""

SURVEY = f"""
# 云河市新就业形态劳动者权益状况调研报告（示例）
云河市总工会权益保障部课题组
2024年11月
{NOTE}
2024年7月至10月，云河市总工会权益保障部组成课题组，在5个县（市、区）和经开区开展新就业形态劳动者权益状况专题调研。共召开座谈会14场，走访平台企业及合作企业23家，个别访谈126人，发放问卷2400份，回收2168份，其中有效问卷2043份，有效率94.2%。
## 一、基本情况
（一）行业分布。有效样本中，外卖配送员812人，占39.7%；网约车司机546人，占26.7%；快递员431人，占21.1%；货车司机254人，占12.4%。
（二）收入和工时。受访者月均收入6420元，日均工作10.1小时。分行业情况如下：
| 群体 | 样本（人） | 月均收入（元） | 日均工时（小时） |
| 外卖配送员 | 812 | 6280 | 10.6 |
| 网约车司机 | 546 | 6510 | 10.2 |
| 快递员 | 431 | 6150 | 9.1 |
| 货车司机 | 254 | 7130 | 10.0 |
（三）年龄和学历。平均年龄33.6岁，35岁以下占61.8%；高中及以下学历占57.3%，大专占29.5%，本科及以上占13.2%。
## 二、存在的主要问题
（一）劳动关系认定难。签订书面劳动合同的占31.4%，签订承揽、合作等协议的占45.9%，没有签订任何协议的占22.7%。
（二）职业伤害保障不足。参加工伤保险或者职业伤害保障的占46.8%，过去一年内遭遇过交通事故的占18.5%，其中自行承担全部费用的占事故人数的36.2%。
（三）规则制定参与少。72.6%的受访者表示平台调整计件单价、罚款规则前没有征求过意见，64.1%的受访者经历过不合理扣款。
（四）组织覆盖有差距。受访者入会率为38.2%，没有入会的主要原因是“不知道怎么入”，占未入会人数的53.7%。
## 三、职工期盼
在“最希望工会提供的服务”（可多选）中，意外保障占67.5%，法律援助占41.3%，技能培训占35.6%，子女托管占28.9%，婚恋交友占12.4%。
## 四、对策建议
1. 建强行业工会联合会。在快递、外卖、网约车、货运四个行业实现市级工会联合会全覆盖，用两年时间把入会率提高到60%以上。
1. 推动算法协商。指导平台企业每年与职工代表至少开展一次计件单价、配送时限、奖惩规则协商，协商结果向劳动者公示。
1. 扩大互助保障。把新就业形态劳动者纳入职工互助保障，首年费用由工会承担。
1. 优化驿站服务。驿站布点与热力地图匹配，夜间开放驿站比例提高到40%。
1. 健全联合调处机制。会同人社、司法、法院建立新就业形态劳动争议一站式调解中心，简单纠纷7日内办结。
（课题组成员：许澄、纪安澜、葛小川；执笔：纪安澜）
"""

FILES = {
    "云河-职工互助保障实施办法-2022.docx": MUTUAL_AID,
    "云河-2025年劳动和技能竞赛通知.docx": CONTEST,
    "云河-新就业形态劳动者权益状况调研报告.docx": SURVEY,
}
STYLES = {"# ": "Title", "## ": "Heading 1", "- ": "List Bullet", "1. ": "List Number", "> ": "Normal"}


def add_table(word: Word, rows: list[list[str]]) -> None:
    table = word.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def add_line(word: Word, line: str) -> None:
    mark = next((mark for mark in STYLES if line.startswith(mark)), "")
    paragraph = word.add_paragraph(line[len(mark) :], style=STYLES.get(mark, "Normal"))
    if mark == "> ":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def write(text: str, target: Path) -> None:
    """Turns the marked lines into a Word file at ``target``, with a Chinese body font."""
    word = Document()
    normal = word.styles["Normal"]
    normal.font.name = "仿宋"
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋")
    rows: list[list[str]] = []
    for line in [*text.strip().splitlines(), ""]:
        if line.startswith("| "):
            rows.append([cell.strip() for cell in line.strip("| ").split(" | ")])
            continue
        if rows:
            width = len(rows[0])
            add_table(word, [(row + [""] * width)[:width] for row in rows])
            rows = []
        if line:
            add_line(word, line)
    word.core_properties.title = text.strip().splitlines()[0][2:]
    word.core_properties.author = ""
    word.core_properties.created = datetime.now(UTC)  # or Word's template gives its own, of 2013
    word.save(str(target))


if __name__ == "__main__":
    for name, text in FILES.items():
        write(text, FOLDER / name)
