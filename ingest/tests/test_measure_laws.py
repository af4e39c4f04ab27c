"""The measuring script for statutes finds what is wrong, on two invented versions of one law."""

from ingest.tests import measure_laws

LAW = """# 云河市灯会条例

{history}

## 第一章 总则

第一条 为了办好灯会，制定本条例。

第二条 办灯会应当具备下列条件：

（一）有场地；

（二）有灯{lamps}盏以上。

第三条之一 灯会免费。

## 第二章 附则

第三条 本条例自2002年11月1日起施行。
"""
FIRST = "2002年6月29日 云河市第一届人民代表大会常务委员会第二次会议通过"
SECOND = "2021年6月10日 云河市第五届人民代表大会常务委员会第九次会议修正"


def _folder(path, text):
    for day, history in (("2002-06-29", FIRST), ("2021-06-10", f"{FIRST}\n\n{SECOND}")):
        written = text.format(history=history, lamps=day[3])
        (path / f"云河市灯会条例({day}).md").write_text(written, "utf-8")
    return str(path)


def test_two_versions_hold_every_figure(tmp_path, capsys):
    folder = _folder(tmp_path, LAW.replace("第三条之一 灯会免费。\n\n", ""))
    assert measure_laws.main([folder, "--sample", "1"]) == 0
    said = capsys.readouterr().out
    assert "条：原文 6，切出 6，2 个文件" in said
    assert "日期：4 个，对 4 个（100.0%）" in said
    assert "（已修改，应为已修改）← 云河市灯会条例(2021-06-10).md（现行）" in said


def test_a_clause_out_of_turn_is_listed(tmp_path, capsys):
    measure_laws.main([_folder(tmp_path, LAW)])
    assert "第三条之一 灯会免费。" in capsys.readouterr().out
