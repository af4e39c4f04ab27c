"""Stands in for ``assistant.answer_process``: answers at once with its own number, or dies or hangs when told to.

A line in the question's text: 死 ends it in the middle, 停 lets it hang, 错 is a bug, 坏 a user's error.
With a file named on the command line, 死 ends only whoever finds it missing, and makes it.
"""

import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    sys.stdin.readline()
    tell({"ready": True})
    for line in sys.stdin:
        question = json.loads(line)[0]
        tell({"kind": "Stage", "fields": ["检索", ""]})
        if "死" in question and not seen():
            os._exit(9)
        while "停" in question:
            time.sleep(60)
        if "错" in question:
            tell({"answered": True, "failed": "ValueError: 断了"})
        elif "坏" in question:
            tell({"answered": True, "wrong": ["模型没有回应。", "请检查网络设置。"]})
        else:
            fields = [question, "已回答", [], [], [], {}, str(os.getpid()), 0.0, {}, []]
            tell({"kind": "Answer", "fields": fields})
            tell({"answered": True})


def seen() -> bool:
    if len(sys.argv) < 2:
        return False
    there = Path(sys.argv[1]).exists()
    Path(sys.argv[1]).touch()
    return there


def tell(row: dict) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


main()
