"""Many people at once: who is next, who waits and is told, who is sent away, and what hangs or dies."""

import asyncio
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import answerers, answering
from assistant.answering import Answering, BrokenError, BusyError, SlowError, Waiting
from assistant.pipeline import Assistant, Stage
from assistant.plain import from_plain, to_plain
from assistant.settings import AnsweringSettings, AssistantSettings
from assistant.tests.fakes import FakeAssistant
from assistant.types import Answer, Citation, Statement
from corpus.errors import UserError
from corpus.settings import CorpusSettings
from corpus.testing import make_document, make_store

STUB = Path(__file__).with_name("faulty_process.py")


class Gated:
    """Answers when it is let; ``asked`` in the order in which it began."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.let = threading.Semaphore(0)

    def stream(self, question: str, **_):
        self.asked.append(question)
        yield Stage("检索")
        assert self.let.acquire(timeout=30)
        yield Answer(question=question, outcome="已回答")


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch):
    monkeypatch.setattr(answering, "_TOLD_S", 0.005)


async def until(true) -> None:
    """Waits for a state, not for a time."""
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.002)


async def events(line: Answering, question: str, into: list) -> None:
    async for event in line.events(question):
        into.append(event)  # noqa: PERF401 - others look while it grows


def places(into: list) -> list[int]:
    return [event.position for event in into if isinstance(event, Waiting)]


# --- the line ---


def test_who_comes_first_is_answered_first_and_is_told_the_place_in_line():
    async def people() -> tuple[list[str], list[list[int]]]:
        gated = Gated()
        line = Answering(gated, slots=1)
        heard: list[list] = [[], [], []]
        tasks = []
        for number, into in enumerate(heard):
            tasks.append(asyncio.create_task(events(line, f"第{number}问", into)))
            await until(lambda n=number: line.busy == 1 and line.waiting == n)
        await until(lambda: all(heard))
        for number in range(3):
            await until(lambda n=number: len(gated.asked) == n + 1)
            await until(lambda n=number: n > 0 or places(heard[2])[-1] == 1)
            gated.let.release()
        await asyncio.gather(*tasks)
        assert (line.busy, line.waiting) == (0, 0)
        assert [type(into[-1]) for into in heard] == [Answer] * 3
        return gated.asked, [places(into) for into in heard]

    asked, seen = asyncio.run(people())
    assert asked == ["第0问", "第1问", "第2问"]
    assert seen[:2] == [[], [0]]
    assert seen[2][0] == 1  # and 0, where that was told before its turn came
    assert seen[2] in ([1], [1, 0])


def test_past_the_line_people_are_sent_away_with_the_time_to_come_back():
    async def people() -> BusyError:
        gated = Gated()
        line = Answering(gated, slots=1, waiting=1)
        tasks = [asyncio.create_task(line.ask("一")), asyncio.create_task(line.ask("二"))]
        await until(lambda: line.waiting == 1)
        with pytest.raises(BusyError) as refused:
            await line.ask("三")
        gated.let.release(2)
        assert [answer.question for answer in await asyncio.gather(*tasks)] == ["一", "二"]
        return refused.value

    refused = asyncio.run(people())
    assert refused.retry_after > 0
    assert (refused.message, refused.hint) == ("现在提问的人太多。", "请过 1 秒再试。")


def test_who_leaves_the_line_gives_up_the_place_and_nobody_overtakes():
    async def people() -> list[str]:
        gated = Gated()
        line = Answering(gated, slots=1)
        first, second, third = (asyncio.create_task(line.ask(text)) for text in ("一", "二", "三"))
        await until(lambda: line.waiting == 2)
        second.cancel()
        await until(lambda: line.waiting == 1)
        gated.let.release(2)
        await first
        await third
        with pytest.raises(asyncio.CancelledError):
            await second
        assert (line.busy, line.waiting) == (0, 0)
        return gated.asked

    assert asyncio.run(people()) == ["一", "三"]


def test_whoever_stops_in_the_moment_of_their_turn_loses_it_to_nobody():
    async def people() -> None:
        gated = Gated()
        line = Answering(gated, slots=1)
        first, second = asyncio.create_task(line.ask("一")), asyncio.create_task(line.ask("二"))
        await until(lambda: line.waiting == 1)
        gated.let.release()
        await first  # hands its place to the second, which has not run yet
        second.cancel()
        with suppress(asyncio.CancelledError):
            await second
        gated.let.release(2)
        assert (await line.ask("三")).question == "三"
        await until(lambda: (line.busy, line.waiting) == (0, 0))

    asyncio.run(people())


# --- threads ---


def test_an_answer_that_takes_too_long_is_given_up_and_its_thread_is_not_counted_free():
    async def people() -> tuple[SlowError, int]:
        gated = Gated()
        line = Answering(gated, slots=1, timeout_s=0.05)
        with pytest.raises(SlowError) as slow:
            await line.ask("慢")
        busy = line.busy
        gated.let.release(2)
        await until(lambda: line.busy == 0)
        line._timeout_s = 30
        assert (await line.ask("快")).question == "快"
        return slow.value, busy

    slow, busy = asyncio.run(people())
    assert busy == 1
    assert slow.message == "这个问题 0.05 秒还没有答完，已经停下。"


def test_what_goes_wrong_is_raised_where_it_was_asked_and_the_next_is_answered():
    async def people() -> None:
        line = Answering(FakeAssistant(), slots=1)
        with pytest.raises(RuntimeError, match="broke"):
            await line.ask("这题会出错")
        with pytest.raises(UserError, match="模型没有回应"):
            await line.ask("不会")
        assert (await line.ask("标准是多少？")).outcome == "已回答"
        assert line.busy == 0

    asyncio.run(people())


# --- processes that fail ---


@pytest.fixture
def faulty(tmp_path, monkeypatch):
    """A line over one process that dies once for each test, and hangs when it is told to."""
    monkeypatch.setattr(answerers, "COMMAND", (sys.executable, str(STUB), str(tmp_path / "died")))
    with make_store(tmp_path) as store:
        yield Answering(Assistant(store), workers=1, timeout_s=30)


def test_a_question_whose_process_dies_is_asked_again_and_nothing_is_told_twice(faulty):
    async def people() -> list:
        told: list = []
        await events(faulty, "死一次", told)
        await faulty.close()
        return told

    told = asyncio.run(people())
    assert told[0] == Stage("检索")
    assert [type(event) for event in told] == [Stage, Answer]


def test_a_question_of_which_processes_die_is_given_up_and_the_next_is_answered(faulty, monkeypatch):
    monkeypatch.setattr(answerers, "COMMAND", (sys.executable, str(STUB)))

    async def people() -> Answer:
        with pytest.raises(BrokenError) as broken:
            await faulty.ask("死")
        assert broken.value.message == "回答这个问题时程序中途退出了。"
        answer = await faulty.ask("好")
        await faulty.close()
        return answer

    assert asyncio.run(people()).outcome == "已回答"


def test_a_process_that_hangs_is_ended_and_another_answers(faulty):
    async def people() -> tuple[str, str, str]:
        before = (await faulty.ask("好")).understood
        faulty._timeout_s = 0.3
        with pytest.raises(SlowError) as slow:
            await faulty.ask("停")
        await until(lambda: faulty.busy == 0)
        faulty._timeout_s = 30
        after = (await faulty.ask("好")).understood
        await faulty.close()
        return slow.value.message, before, after

    message, before, after = asyncio.run(people())
    assert message == "这个问题 0.3 秒还没有答完，已经停下。"
    assert before != after
    assert not Path(f"/proc/{before}").exists()


def test_who_stops_a_question_does_not_get_its_rest_with_the_next(faulty):
    async def people() -> str:
        stream = faulty.events("好")
        assert await anext(stream) == Stage("检索")
        await stream.aclose()
        answer = await faulty.ask("另一题")
        await faulty.close()
        return answer.question

    assert asyncio.run(people()) == "另一题"


def test_errors_of_a_process_arrive_as_what_they_were(faulty):
    async def people() -> None:
        with pytest.raises(RuntimeError, match="ValueError: 断了"):
            await faulty.ask("错")
        with pytest.raises(UserError, match="模型没有回应"):
            await faulty.ask("坏")
        await faulty.close()

    asyncio.run(people())


# --- processes that answer ---

RULES = "第一条 云河市职工疗休养每两年一次，每次不超过七天。\n第二条 疗休养费用由单位工会承担。"
QUESTION = "云河市职工疗休养每次不超过几天？"


def test_processes_answer_as_threads_do_see_what_is_added_and_survive_being_killed(tmp_path):
    with make_store(tmp_path, [RULES], encoder=CorpusSettings().encoder) as store:
        assistant = Assistant(store, AssistantSettings())

        async def people() -> tuple[Answer, Answer, Answer]:
            line = Answering(assistant, workers=1)
            await line.start()
            first = await line.ask(QUESTION)
            process = line._all[0]._process
            os.kill(process.pid, signal.SIGTERM)  # what the system tells everybody: the program decides
            with store.writing() as writer:
                writer.put(*make_document("2", articles=["云河市工会图书馆每周开放六天。"]))
            added = await line.ask("云河市工会图书馆每周开放几天？")
            assert process.returncode is None
            os.kill(process.pid, signal.SIGKILL)
            again = await line.ask(QUESTION)
            last = line._all[0]._process
            await line.close()
            assert (process.returncode, last.returncode) == (-signal.SIGKILL, 0)
            return first, added, again

        first, added, again = asyncio.run(people())
        in_thread = asyncio.run(Answering(assistant).ask(QUESTION))
    assert "不超过七天" in first.text
    assert "每周开放六天" in added.text
    assert replace(again, seconds={}) == replace(in_thread, seconds={})


@pytest.mark.parametrize(
    ("tells", "message"),
    [
        ('{"wrong": ["文档库打不开。", "请检查文件夹。"]}', "文档库打不开。"),
        ("", "答题进程没有启动起来。"),
    ],
)
def test_why_no_process_starts_is_said_at_the_start_and_to_who_asks(tmp_path, monkeypatch, tells, message):
    says_only = "import sys; sys.stdin.readline(); print(sys.argv[1], end='\\n' * bool(sys.argv[1]))"
    monkeypatch.setattr(answerers, "COMMAND", (sys.executable, "-c", says_only, tells))

    async def people(line: Answering) -> list[str]:
        with pytest.raises(UserError) as at_start:
            await line.start()
        with pytest.raises(UserError) as asking:
            await line.ask("问")
        await until(lambda: line.busy == 0)
        await line.close()
        return [at_start.value.message, asking.value.message]

    with make_store(tmp_path) as store:
        assert asyncio.run(people(Answering(Assistant(store), workers=1))) == [message] * 2


# --- on the way to a process ---


def test_what_is_told_of_an_answer_is_equal_on_the_other_side(tmp_path):
    with make_store(tmp_path, [RULES]) as store:
        told = list(Assistant(store).stream(QUESTION))
    told.append(
        Statement(text="句", citations=(Citation(marker=1, quote="句", start=0, end=1, verdict="已核实"),))
    )
    lines = [json.dumps(to_plain(event), default=float) for event in told]
    assert [from_plain(json.loads(line)) for line in lines] == told
    assert {type(event) for event in told} == {Stage, Statement, Answer}
    assert told[-2].evidence


@pytest.mark.parametrize(
    "wrong",
    [
        {"UNIONQA_WORKERS": "两个"},
        {"UNIONQA_WORKERS": "-1"},
        {"UNIONQA_ANSWERS": "0"},
        {"UNIONQA_WAITING": "1e9"},
        {"UNIONQA_ANSWER_TIMEOUT": "0"},
    ],
)
def test_settings_that_are_no_such_numbers_are_refused_in_words(wrong):
    with pytest.raises(UserError) as refused:
        AnsweringSettings.from_environment(wrong)
    assert refused.value.message == "{}={} 不是有效的数字。".format(*next(iter(wrong.items())))


def test_settings_come_from_the_environment():
    given = {
        "UNIONQA_WORKERS": "3",
        "UNIONQA_ANSWERS": "8",
        "UNIONQA_WAITING": "0",
        "UNIONQA_ANSWER_TIMEOUT": "20",
    }
    assert AnsweringSettings.from_environment(given) == AnsweringSettings(
        workers=3, slots=8, waiting=0, timeout_s=20
    )
    assert AnsweringSettings.from_environment({}) == AnsweringSettings()
