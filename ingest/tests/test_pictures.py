"""Page pictures: drawn under limits, kept within a bound, given out over HTTP as nothing but pictures."""

import asyncio
import io
import json
import time
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import HashingEncoder
from corpus.types import Box
from ingest.document import parse
from ingest.intake.drafts import Drafts
from ingest.lines import Line, Turned, as_shown
from ingest.pictures import page_picture
from ingest.pictures.drawn import Original, Pictures
from ingest.pictures.page_picture import MAX_PIXELS
from ingest.pictures.picture_routes import routes
from ingest.tests.pdfs import Run, _assembled, make_pdf
from ingest.tests.test_places import QUOTE, at, near, printed
from ingest.workers.pool import Limits

RULES = "云河市总工会关于灯会的通知（示例）"
CSP = "default-src 'none'; sandbox; frame-ancestors 'none'"
NAME = '灯会 "通知"\n<b>.pdf'


def endless():
    """A page of forms within forms, each drawn ten times by the one around it: 10¹² marks."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    objects.append(
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>"
    )
    objects.append(b"<</Length 4>>stream\n/F Do\nendstream")
    for level in range(12):
        inner = b"/F Do " * 10 if level < 11 else b"0 0 200 200 re f"
        held = b"/Resources<</XObject<</F %d 0 R>>>>" % (level + 6) if level < 11 else b""
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 300 300]%s/Length %d>>" % (held, len(inner))
        objects.append(head + b"stream\n" + inner + b"\nendstream")
    return _assembled(objects)


@pytest.fixture(scope="module")
def pictures():
    made = Pictures(kept=2**20)
    yield made
    made.close()


@pytest.fixture
def hasty():
    made = Pictures(limits=Limits(seconds=4.0, seconds_in_all=60, memory=2**30))
    yield made
    made.close()


@pytest.fixture
def original(folder):
    """Bytes → an original that lies on this machine."""

    def kept(data, media_type="application/pdf"):
        path = folder / sha256(data).hexdigest()
        path.write_bytes(data)
        return Original(path, path.name, media_type)

    return kept


def size(png):
    return Image.open(io.BytesIO(png)).size


def failure(coming):
    with pytest.raises(UserError) as told:
        asyncio.run(coming)
    return str(told.value)


def test_a_page_is_drawn_as_wide_as_asked_and_comes_from_memory_the_second_time(pictures, original):
    page = original(printed())
    first = asyncio.run(pictures.picture(page, 1, 800))
    assert size(first) == (900, 1274)
    page.path.unlink()
    assert asyncio.run(pictures.picture(page, 1, 900)) is first


def test_those_who_ask_at_once_get_one_drawing(pictures, original, monkeypatch):
    asked = []
    submit = pictures._pool.submit
    monkeypatch.setattr(
        pictures._pool, "submit", lambda job, done: (asked.append(job.task), submit(job, done))
    )
    page = original(make_pdf([[Run(60, 60, "云河")]]))

    async def several():
        return await asyncio.gather(*(pictures.picture(page, 1, 600) for _ in range(5)))

    drawn = asyncio.run(several())
    assert len(set(map(id, drawn))) == 1
    assert len(asked) == 1


def test_a_page_that_takes_for_ever_ends_in_a_sentence_and_harms_no_other(hasty, original):
    pictures = hasty
    bad, good = original(endless()), original(make_pdf([[Run(60, 60, "好的")]]))
    started = time.monotonic()
    told = failure(pictures.picture(bad, 1, 600))
    assert told == "这一页画不出来：文件已损坏，或者内容过于复杂。请下载原件，用原来的软件查看。"
    assert time.monotonic() - started < 60
    assert size(asyncio.run(pictures.picture(good, 1, 600)))[0] == 600
    again = time.monotonic()
    assert failure(pictures.picture(bad, 1, 600)) == told  # remembered: nobody makes it try without end
    assert time.monotonic() - again < 0.5


def test_what_is_no_pdf_and_pages_that_are_not_there_are_said(pictures, original):
    page = original(printed())
    assert failure(pictures.picture(page, 2, 600)) == "没有这一页。请回到前一页。"
    assert failure(pictures.picture(page, 0, 600)) == "没有这一页。请回到前一页。"
    assert failure(pictures.picture(original(b"%PDF-1.7 nothing"), 1, 600)).startswith(
        "这份文件画不出版面图片。"
    )
    assert failure(pictures.sizes(original(b"no picture", "image/png"))).startswith("图片已损坏")


def test_what_is_kept_stays_within_its_bound(original):
    kept = Pictures(kept=20_000)
    try:
        for n in range(4):
            asyncio.run(kept.picture(original(make_pdf([[Run(60, 60, f"第{n}份", 40)]])), 1, 600))
        assert 0 < kept._bytes <= 20_000
        assert kept._bytes == sum(each.size for each in kept._kept.values())
    finally:
        kept.close()


def test_a_page_as_large_as_a_house_is_drawn_small():
    across, down = size(
        page_picture.draw(make_pdf([[]], width=14400, height=14400), "application/pdf", 1, 3000)
    )
    assert across == down == 3000
    narrow = size(page_picture.draw(make_pdf([[]], width=10, height=14400), "application/pdf", 1, 3000))
    assert narrow[0] * narrow[1] <= MAX_PIXELS


def test_a_scan_is_shown_the_way_up_that_the_camera_says():
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (300, 150), "white").save(out, "JPEG", exif=exif, dpi=(150, 150))
    assert page_picture.sizes(out.getvalue(), "image/jpeg") == [(72.0, 144.0)]
    assert size(page_picture.draw(out.getvalue(), "image/jpeg", 1, 600)) == (150, 300)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_place_on_a_sheet_set_straight_is_found_on_the_sheet_as_it_lay(quarters):
    lay = np.zeros((50, 80))
    lay[10:14, 30:60] = 1
    straight = np.rot90(lay, -quarters)
    rows, columns = np.nonzero(straight)
    box = Box(1, columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    line = as_shown(Line(text="一", box=box, turned=Turned(quarters, 80, 50, 0.0)))
    assert (line.box, line.turned) == (Box(1, 30, 10, 60, 14), None)


def test_on_a_sheet_that_lay_askew_boxes_rise_and_fall_with_the_lines():
    askew = Turned(0, 1000, 500, 0.02)
    assert askew.back(Box(1, 0, 100, 100, 110)) == Box(1, 0, 90, 100, 102)
    assert askew.back(Box(1, 450, 100, 550, 110)) == Box(1, 450, 99, 550, 111)


# ── over HTTP ─────────────────────────────────────────────────────────────────────────


def served(store, pictures):
    """The application over a store with one document."""
    data = printed()
    document = parse(data, NAME, "1")
    source = replace(document.source, origin=NAME, received_at="2026-01-05T09:00:00+08:00")
    with store.writing(who="王") as writer:
        writer.put(source, document.articles, document.passages, original=data)
    return TestClient(Starlette(routes=routes(store, pictures)))


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("pictures"), encoder=HashingEncoder()) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(lasting, pictures):
    """An application that tests only ask."""
    return served(lasting, pictures)


def told(answer):
    return answer.status_code, json.loads(answer.content)["message"]


def test_a_live_page_comes_as_a_picture_and_nothing_else(app):
    answer = app.get("/articles/1/pages/1.png?width=600")
    assert (answer.status_code, size(answer.content)[0]) == (200, 600)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["cache-control"] == "private, no-cache"
    tag = answer.headers["etag"]
    again = app.get("/articles/1/pages/1.png?width=600", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_an_original_is_saved_under_its_name_and_never_opened(app):
    answer = app.get("/articles/1/original")
    assert answer.content == printed()
    assert answer.headers["content-type"] == "application/octet-stream"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; filename*=utf-8''%E7%81%AF")
    assert not set('"<>\n') & set(disposition)


def test_a_quote_is_told_with_its_boxes_and_the_pages_sizes(app, lasting):
    passage = next(p for p in lasting.passages("1/1") if QUOTE in p.text)
    start = passage.text.index(QUOTE)
    spans = f"{start}-{start + len(QUOTE)}"
    answer = json.loads(app.get(f"/articles/1/pages.json?passage={passage.id}&spans={spans}").content)
    assert answer["sizes"] == [[595.0, 842.0]]
    quoted = [mark for mark in answer["marks"] if mark["group"] == "quote"]
    assert [at(Box(*(mark[key] for key in Box._fields)))[:3] for mark in quoted] == [
        near(1, 120, 276),
        near(1, 320, 356),
    ]
    assert sum(mark["group"] == "passage" for mark in answer["marks"]) == len(passage.boxes)


@pytest.mark.parametrize(
    "asked", ["spans=1-9", "passage=2/1/1&spans=0-9", "passage=1/9/9", "passage=1/1/1&spans=x"]
)
def test_what_is_asked_amiss_brings_sizes_and_no_quote(app, asked):
    answer = app.get(f"/articles/1/pages.json?{asked}")
    assert answer.status_code == 200
    assert [m for m in json.loads(answer.content)["marks"] if m["group"] == "quote"] == []


@pytest.mark.parametrize("place", ["pages/1.png", "pages.json", "original"])
@pytest.mark.parametrize("source", ["2", "v1", "0"])
def test_what_is_not_live_is_not_there(app, place, source):
    gone = (404, "这份文件不在资料库中，可能已撤下或被替换。请重新提问，以现在的资料为准。")
    assert told(app.get(f"/articles/{source}/{place}")) == gone


@pytest.mark.parametrize("place", ["pages/1.png?width=600", "pages.json", "original"])
def test_what_was_withdrawn_is_gone_at_once_though_it_was_drawn_before(store, pictures, place):
    app = served(store, pictures)
    tag = app.get(f"/articles/1/{place}").headers["etag" if "json" not in place else "content-type"][0]
    with store.writing(who="王") as writer:
        writer.withdraw("1")
    answer = app.get(f"/articles/1/{place}", headers={"if-none-match": tag})
    assert told(answer)[0] == 404
    assert told(app.get(f"/articles/v1/{place}"))[0] == 404


def test_pages_that_are_not_there_and_odd_widths_are_answered(app):
    assert told(app.get("/articles/1/pages/7.png")) == (422, "没有这一页。请回到前一页。")
    assert app.get("/articles/1/pages/-1.png").status_code == 404
    assert size(app.get("/articles/1/pages/1.png?width=9999999").content)[0] == 1350
    assert size(app.get("/articles/1/pages/1.png?width=٣٠٠").content)[0] == 1350


def test_a_draft_is_shown_while_it_is_one(app, lasting):
    drafts = Drafts(lasting.directory)
    data = printed()
    draft = drafts.create(data, name="灯会.pdf", origin="灯会.pdf", by="王")
    folder = f"/corpus/drafts/{draft.id}"
    assert told(app.get(f"{folder}/pages/1.png"))[0] == 422  # not read yet: nobody knows what it is
    drafts.save(replace(draft, state="ready", source=parse(data, "灯会.pdf", "0").source))
    assert size(app.get(f"{folder}/pages/1.png?width=600").content)[0] == 600
    assert json.loads(app.get(f"{folder}/pages.json").content) == {
        "sizes": [[595.0, 842.0]],
        "marks": [],
    }
    assert app.get(f"{folder}/original").content == data
    drafts.remove(draft.id)
    assert told(app.get(f"{folder}/pages/1.png"))[0] == 404
    assert app.get("/corpus/drafts/..%2F..%2Fcatalogue/original").status_code == 404
