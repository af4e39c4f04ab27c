import subprocess
import sys

import pytest

from corpus.console import STOPPED, at_the_edge
from corpus.errors import UserError


def raising(error: BaseException):
    def command() -> int:
        raise error

    return command


def test_a_command_that_works_gives_its_own_code():
    assert at_the_edge(lambda: 3) == 3


def test_what_a_user_can_mend_is_two_sentences_and_the_code_asked_for(capsys):
    assert at_the_edge(raising(UserError("没有这个文件。", "请检查路径。")), failed=2) == 2
    assert capsys.readouterr().err == "没有这个文件。\n请检查路径。\n"


def test_ctrl_c_says_that_nothing_is_lost(capsys):
    assert at_the_edge(raising(KeyboardInterrupt())) == STOPPED
    assert capsys.readouterr().err == "\n已停止；做完的部分都已保存。\n"


def test_a_bug_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        at_the_edge(lambda: 1 // 0)


def test_a_reader_that_has_seen_enough_gets_no_traceback():
    program = (
        "from corpus.console import at_the_edge\n"
        "import sys\n"
        "sys.exit(at_the_edge(lambda: print('行\\n' * 200_000) or 0))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        child.stdout.close()
        assert (child.stderr.read(), child.wait(timeout=20)) == (b"", 0)
