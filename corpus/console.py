"""The edge of every command line: an error in words, a closed pipe and Ctrl-C without a traceback."""

import os
import sys
from collections.abc import Callable

from corpus import disk
from corpus.errors import UserError

STOPPED = 130  # what shells report of a program ended by Ctrl-C


def _tell(error: UserError) -> None:
    sys.stderr.write(f"{error.message}\n{error.hint}".rstrip() + "\n")


def at_the_edge(
    command: Callable[[], int], *, failed: int = 1, tell: Callable[[UserError], None] = _tell
) -> int:
    """Run a command; its exit code, or ``failed`` when a user can mend what went wrong.

    Bugs propagate. Output is UTF-8 whatever the console's own encoding is.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")  # a Windows console may have another
    try:
        code = command()
        sys.stdout.flush()
    except UserError as error:
        tell(error)
        return failed
    except OSError as error:
        if isinstance(error, BrokenPipeError):  # the reader of a pipe has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        if (told := disk.of_file(error)) is None:
            raise
        tell(told)
        return failed
    except KeyboardInterrupt:
        sys.stderr.write("\n已停止；做完的部分都已保存。\n")
        return STOPPED
    return code
