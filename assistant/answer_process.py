"""The process that answers one question after another: ``python -m assistant.answer_process``.

Standard input: what to start with, then a question a line; standard output: ``ready``, then the
events of each answer, a line each, and ``answered``. It ends when standard input does.
"""

import json
import logging
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from assistant.answerers import Asked
from assistant.pipeline import Assistant
from assistant.plain import to_plain
from assistant.settings import AssistantSettings
from corpus import logs
from corpus.errors import StoreError, UserError
from corpus.settings import CorpusSettings, LogSettings
from corpus.store import Store

_log = logging.getLogger(__name__)


def main() -> int:
    """Answer until standard input ends; 1 where the store or the settings are wrong."""
    logged = LogSettings.from_environment()
    # Its error output is the program's; a file has one writer.
    logs.set_up(replace(logged, file=None), secret=[AssistantSettings.from_environment().model_key])
    for told in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # answers under way may end: the program decides, not the system
        signal.signal(told, signal.SIG_IGN)
    tell = sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing that a library prints gets between the lines
    try:
        start = json.loads(sys.stdin.buffer.readline())
        encoder = CorpusSettings.from_environment().encoder
        with Store.open(Path(start["store"]), encoder=encoder) as store:
            store.warm()
            assistant = Assistant(store, AssistantSettings(**start["settings"]))
            _write(tell, {"ready": True})
            for line in sys.stdin.buffer:
                asked = Asked(*json.loads(line))
                with logs.request(asked.request_id):
                    logs.answering(
                        [] if logged.questions else [asked.question, *(q for q, _ in asked.history)]
                    )
                    for row in _told(assistant, asked):
                        _write(tell, row)
    except UserError as error:
        _write(tell, _wrong(error))
        return 1
    except BrokenPipeError:  # nobody listens any more
        return 0
    return 0


def _told(assistant: Assistant, asked: Asked) -> Iterator[dict[str, Any]]:
    ended: dict[str, Any] = {"answered": True}
    try:
        for event in assistant.stream(
            asked.question, history=asked.history, as_of=asked.as_of, passages=asked.passages
        ):
            yield to_plain(event)
    except UserError as error:
        ended |= _wrong(error)
    except Exception as error:  # a bug: the traceback is here, its words are for the program's log
        _log.exception("question not answered")
        ended["failed"] = f"{type(error).__name__}: {error}"
    yield ended


def _wrong(error: UserError) -> dict[str, Any]:
    return {"wrong": [error.message, error.hint], "unavailable": isinstance(error, StoreError)}


def _write(tell: IO[bytes], row: dict[str, Any]) -> None:
    tell.write(json.dumps(row, default=float).encode() + b"\n")
    tell.flush()


if __name__ == "__main__":
    sys.exit(main())
