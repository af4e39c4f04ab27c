"""A reload finds the conversation again, and nobody else does."""

from assistant.conversations import Conversations

KEY, OTHER = "0" * 32, "f" * 32


def test_a_conversation_is_found_again_by_its_owner_and_key_alone():
    kept: Conversations[str] = Conversations()
    kept.keep("甲", KEY, ["一", "二"])
    assert kept.recall("甲", KEY) == ["一", "二"]
    assert kept.recall("乙", KEY) == []
    assert kept.recall("甲", OTHER) == []


def test_a_conversation_begun_anew_is_forgotten():
    kept: Conversations[str] = Conversations()
    kept.keep("", KEY, ["一"])
    kept.keep("", KEY, [])
    assert kept.recall("", KEY) == []


def test_only_the_latest_are_held():
    kept: Conversations[str] = Conversations(most=2)
    for number in range(3):
        kept.keep("", f"{number:032x}", [str(number)])
        kept.recall("", f"{0:032x}")
    assert [kept.recall("", f"{number:032x}") for number in range(3)] == [["0"], [], ["2"]]


def test_a_key_that_no_browser_of_ours_made_holds_nothing():
    kept: Conversations[str] = Conversations()
    for key in ("", "x" * 32, "0" * 31, "0" * 33, "../" * 8, "0" * 32 + "\n"):
        kept.keep("", key, ["一"])
        assert kept.recall("", key) == []
