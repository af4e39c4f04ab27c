"""Character recognition, run for real on the shipped scan: offline, any way up, in pictures of every kind."""

import io
import socket
import sys
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from corpus.errors import UserError
from ingest.readers import image, ocr

SCAN = next(Path("corpus/documents").resolve().glob("*扫描件.pdf"))
HEAD = ["云河市总工会文件", "云工发〔2025〕28号", "云河市总工会"]


@pytest.fixture(scope="module")
def head():
    """The head of the scanned notice, RGB."""
    document = pypdfium2.PdfDocument(SCAN)
    shown = document[0].render(scale=150 / 72, rev_byteorder=True).to_numpy()[:, :, :3]
    return np.ascontiguousarray(shown[: shown.shape[0] // 4])


@pytest.fixture(scope="module")
def found(head):
    """What recognition reads there while every connection is refused."""

    def refused(*args, **kwargs):
        raise AssertionError("a connection was tried")

    ocr._engine.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("socket", "create_connection", "getaddrinfo"):
            patch.setattr(socket, name, refused)
        return ocr.lines(head, page=3, points=0.48)


@pytest.fixture(scope="module")
def one_line(head, found):
    """The picture of the line that gives the notice's number."""
    box = found[0][1].box
    x0, y0, x1, y1 = (int(at / 0.48) for at in box[1:])
    return np.ascontiguousarray(head[y0 - 20 : y1 + 20, x0 - 20 : x1 + 20])


def saved(pixels, kind, **options):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def texts(reading):
    return [line.text for line in reading.lines]


def test_a_scan_is_read_without_any_network(head, found):
    lines, turns = found
    assert [line.text for line in lines][:3] == HEAD
    assert (turns, {line.page for line in lines}) == (0, {3})
    assert all(0.9 <= line.sure <= 1 for line in lines[:3])
    assert lines[0].size > 1.3 * lines[1].size  # the head is set in large type
    assert all(0 <= line.box.x0 < line.box.x1 <= 0.48 * head.shape[1] for line in lines)


def test_the_models_stand_in_the_package():
    assert len(ocr.models()) == 3
    assert all(path.stat().st_size > 500_000 for path in ocr.models())


def test_a_sheet_laid_in_the_wrong_way_round_is_turned(head):
    lines, turns = ocr.lines(np.ascontiguousarray(np.rot90(head, 3)))
    assert [line.text for line in lines][:3] == HEAD
    assert turns == 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP"])
def test_pictures_of_every_kind_are_read(one_line, kind):
    assert texts(image.read(saved(one_line, kind), "通知")) == [HEAD[1]]


def test_each_frame_of_a_tiff_is_a_page(one_line):
    out = io.BytesIO()
    blank = Image.new("RGB", (300, 200), "white")
    Image.fromarray(one_line).save(out, "TIFF", save_all=True, append_images=[blank])
    reading = image.read(out.getvalue(), "通知.tif")
    assert [[line.text for line in page.lines] for page in reading.pages] == [[HEAD[1]], []]


def test_the_turn_of_a_camera_is_undone(one_line):
    turned = Image.Exif()
    turned[0x0112] = 6  # held upright: to be turned clockwise
    sideways = saved(np.ascontiguousarray(np.rot90(one_line, 1)), "JPEG", exif=turned)
    assert texts(image.read(sideways, "通知.jpg")) == [HEAD[1]]


def test_traditional_letters_strayed_into_simplified_text_are_folded():
    assert ocr.simplified(["云河市总工會文件", "职工權益"]) == ["云河市总工会文件", "职工权益"]


def test_a_text_in_traditional_letters_stays():
    assert ocr.simplified(["雲河市總工會", "勞動權益"]) == ["雲河市總工會", "勞動權益"]


def test_a_picture_without_text_says_so():
    reading = image.read(saved(np.full((300, 300, 3), 255, np.uint8), "PNG"), "空.png")
    assert (texts(reading), reading.warnings) == ([], ("图片里没有识别出文字，请核对原件。",))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "图片已损坏或格式不支持，打不开。"),
        (saved(np.zeros((40, 40, 3), np.uint8), "PNG")[:60], "图片已损坏或格式不支持，打不开。"),
    ],
)
def test_a_broken_picture_is_refused_in_words(data, message):
    with pytest.raises(UserError) as raised:
        image.read(data, "坏.png")
    assert raised.value.message == message


@pytest.mark.parametrize("side", [9_500, 60_000])
def test_a_picture_that_unpacks_into_gigabytes_is_refused_before_it_is_unpacked(side):
    out = io.BytesIO()
    Image.new("1", (10, 10)).save(out, "PNG")
    bomb = bytearray(out.getvalue())
    bomb[16:24] = side.to_bytes(4, "big") * 2
    import zlib

    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")
    with pytest.raises(UserError) as raised:
        image.read(bytes(bomb), "大.png")
    assert raised.value.message == "图片超过 80 百万像素的上限，已拒绝读取。"


def test_recognition_is_loaded_only_when_something_is_recognised():
    import subprocess

    code = "import sys; from ingest.readers import pdf, image; sys.exit('rapidocr' in sys.modules or 'cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
