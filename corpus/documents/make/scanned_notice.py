"""Makes the scanned notice: a picture of a page, slightly turned and grey, wrapped into a PDF.

``python corpus/documents/make/scanned_notice.py``. It has no text layer, as a paper that went
through an office scanner; it shows what the product says of a file whose text it cannot read.
"""

import tempfile
from pathlib import Path

from newspapers import FOLDER, chromium
from PIL import Image, ImageFilter

NAME = "云河-2026年送温暖活动通知-扫描件.pdf"
TITLE = "关于开展2026年元旦春节送温暖活动的通知（示例）"
BODY = """
各县（市、区）总工会，经开区总工会，市直各产业工会：
为切实做好2026年元旦春节期间困难职工和一线职工慰问工作，市总工会决定开展送温暖活动。现将有关事项通知如下。
一、活动时间。2025年12月15日至2026年2月10日。
二、资金安排。市总工会筹集送温暖资金980万元，其中慰问在档困难职工410万元，慰问一线职工和新就业形态劳动者570万元。
三、慰问标准。深度困难职工每户2000元，相对困难职工每户1500元，意外致困职工每户1000元；一线职工和新就业形态劳动者慰问物资每份不低于200元。
四、主要内容。走访慰问企业和项目工地420家，惠及职工2.6万人；组织“平安返乡”专列3趟、包车60辆，帮助3200名农民工返乡；开展工资支付专项检查，督促用人单位在春节前足额支付农民工工资。
五、工作要求。慰问金通过银行转账发放到困难职工本人账户，不得发放现金。各单位于2026年2月20日前上报总结。
"""
STYLE = """
body { margin: 0; width: 1240px; height: 1754px; background: #fff; font: 29px/1.9 'Noto Serif CJK SC' }
.page { padding: 130px 150px }
.head { text-align: center; font: bold 62px 'Noto Serif CJK SC'; letter-spacing: 8px }
.number { text-align: center; margin: 36px 0 10px } hr { border: 0; border-top: 4px solid #111 }
h1 { text-align: center; font: bold 38px/1.5 'Noto Serif CJK SC'; margin: 34px 60px }
p { margin: 0; text-indent: 2em; text-align: justify } .first { text-indent: 0 } .end { text-align: right }
"""


def notice_html() -> str:
    lines = BODY.strip().splitlines()
    body = f'<p class="first">{lines[0]}</p>' + "".join(f"<p>{line}</p>" for line in lines[1:])
    return (
        f'<!DOCTYPE html><meta charset="utf-8"><style>{STYLE}</style><div class="page">'
        f'<div class="head">云河市总工会文件</div><div class="number">云工发〔2025〕28号</div><hr>'
        f"<h1>云河市总工会<br>{TITLE}</h1>{body}<p>（本文件为示例，云河市总工会为虚构单位。）</p>"
        f'<br><p class="end">云河市总工会</p><p class="end">2025年12月8日</p></div>'
    )


def scan(picture: Path, target: Path) -> None:
    """Turns a clean screenshot into what a scanner gives: grey, turned by half a degree, a little soft."""
    with Image.open(picture) as page:
        grey = page.convert("L").rotate(0.5, expand=False, fillcolor=250, resample=Image.Resampling.BICUBIC)
        soft = grey.filter(ImageFilter.GaussianBlur(0.6)).point(lambda value: 20 + value * 225 // 255)
        soft.save(target, "PDF", resolution=150, quality=55, producer="", creator="")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "page.png"
        chromium(notice_html(), f"--screenshot={shot}", "--window-size=1240,1754")
        scan(shot, FOLDER / NAME)
