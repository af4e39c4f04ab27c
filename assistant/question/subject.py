"""What a question is about: what is left of it without the words that ask."""

import re
from functools import lru_cache

from assistant.question.kind import ASKING
from assistant.question.vocabulary import ASPECTS, EMPTY_WORDS
from assistant.values import UNIT_PATTERN, narrow

#: An own subject has at least this many characters that are neither asking words nor aspects.
SUBJECT_CHARS = 2


def subject_of(text: str) -> str:
    """What is left of a text without asking words, function words and aspects (期限, 条件 …)."""
    bare = _no_subject().sub(" ", re.sub(r"[^\u4e00-\u9fff\w]", " ", narrow(text)))
    return "".join(r for r in bare.split() if len(r) > 1 and not EMPTY_WORDS.issuperset(r))


@lru_cache(maxsize=1)
def _no_subject() -> re.Pattern[str]:
    words = sorted((w for w in EMPTY_WORDS | ASPECTS if len(w) > 1), key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, words), ASKING.pattern]))


def topic_of(question: str) -> str:
    """A question as the thing it asks about: without its interrogative words."""
    text = re.sub(
        r"(?:怎么|怎样|如何)(?:算|办|做|交|缴|分|定|发|领|用)?(?=[？?。]*$)|[从由在到向](?:哪[里儿]?|谁)来?",
        "",
        question,
    )
    text = re.sub(
        rf"(?:是|有|为|达到?了?|能|可以)?(?:多少(?:{UNIT_PATTERN})?|几(?:{UNIT_PATTERN})|什么时候|什么|哪[些里儿天年个位]|谁|怎么办|怎样|怎么|如何|何时|何地|多久|多长时间)|"
        r"[吗呢？?。]",
        "",
        text,
    )
    return re.sub(r"(?:设在|位于|设于|在)$", "", text.strip("，, 是的有"))


def asks_itself(asked: str) -> bool:
    """Whether words ask something without a conversation; "那苏州呢？" does not."""
    return bool(ASKING.search(asked)) and subject_of(asked) != ""
