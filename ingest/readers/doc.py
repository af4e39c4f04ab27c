"""Word 97–2003, WPS and RTF documents, turned into .docx by LibreOffice or into text by antiword."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from corpus.errors import UserError
from ingest.lines import Reading
from ingest.readers import docx, text
from ingest.readers.errors import MissingProgramError
from ingest.workers import heartbeat

_SECONDS = 80
_OFFICE = ("soffice", "libreoffice")
_MAC_OFFICE = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
_WINDOWS_OFFICE = Path("C:/Program Files/LibreOffice/program/soffice.exe")
_SAVE_AS = "请用 Word 或 WPS 打开它，另存为 .docx 或 PDF 后重新加入。"


def read(data: bytes, name: str, suffix: str) -> Reading:
    """What another program makes of it; ``suffix`` is of the format, as ``".doc"``.

    Raises ``MissingProgramError`` where none is installed, ``UserError`` where it fails.
    """
    office, antiword = _office(), shutil.which("antiword")
    if office is None and (antiword is None or suffix != ".doc"):
        raise MissingProgramError(
            f"这是旧格式的文档（{suffix}），这台电脑上没有能读它的程序（LibreOffice）。",
            f"{_SAVE_AS[:-1]}，或请管理员安装 LibreOffice。",
        )
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / f"given{suffix}"
        given.write_bytes(data)
        if office is not None:
            return docx.read(_converted(office, given), name)
        assert antiword is not None
        return text.read(_run([antiword, "-w", "0", "-m", "UTF-8.txt", str(given)], Path(folder)), name)


def _office() -> str | None:
    for place in (_MAC_OFFICE, _WINDOWS_OFFICE):
        if place.exists():
            return str(place)
    return next((found for name in _OFFICE if (found := shutil.which(name))), None)


def _converted(office: str, given: Path) -> bytes:
    """The file as .docx. A profile of its own keeps a running LibreOffice out of it, and macros off."""
    profile = given.parent / "profile"
    command = [
        office,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
    ]
    _run([*command, "--convert-to", "docx", "--outdir", str(given.parent), str(given)], given.parent)
    made = given.with_suffix(".docx")
    if not made.is_file():
        raise UserError("这份文档已损坏或加了密码，转换不了。", _SAVE_AS)
    return made.read_bytes()


def _run(command: list[str], folder: Path) -> bytes:
    """What a program prints, given a limited time."""
    heartbeat.beat()
    try:
        done = subprocess.run(  # noqa: S603 - a program found on this machine, on a file that we named
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UserError("转换这份文档用时过长，已停止。", _SAVE_AS) from error
    heartbeat.beat()
    return done.stdout
