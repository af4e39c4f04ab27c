"""Words by what they do in a question: empty, weak, glued to others, synonyms of one another."""

from functools import lru_cache

from assistant.word_lists import lines, section

#: Words that carry no subject: they are what every question is made of.
EMPTY_WORDS = frozenset(section("words.txt", "空词"))
#: Verbs and nouns that texts put in many ways: their absence says little about the subject.
WEAK_WORDS = frozenset(section("words.txt", "弱词"))
#: Verbs of one character, as people say them, each before the word that texts have: 扣 扣除.
SHORT_VERBS = dict(pair.split(":") for pair in section("words.txt", "单字"))
#: Groups that have rules of their own: a rule for one of them is none for all.
SPECIAL_GROUPS = {
    group: frozenset((group, *said.split(",")))
    for group, _, said in (pair.partition(":") for pair in section("words.txt", "特别人群"))
}
#: Verbs that segmentation leaves on the word beside them ("柳津放", "第一名奖").
GLUED = frozenset(section("words.txt", "粘字"))
#: Last characters of compounds, each before the word that texts have for it: 体检费 is 体检 and 费用.
COMPOUNDING = dict(pair.split(":") for pair in section("words.txt", "尾字"))
#: What can be asked of any subject: a question of these alone has none of its own.
ASPECTS = frozenset(section("words.txt", "问项"))
#: One digit, or ten, as written: a pattern.
NUMERAL = "[一二两三四五六七八九十]"


@lru_cache(maxsize=1)
def synonyms() -> dict[str, frozenset[str]]:
    """Each word with the other words for the same thing, from ``synonyms.txt``."""
    table: dict[str, frozenset[str]] = {}
    for line in lines("synonyms.txt"):
        group = frozenset(line)
        for word in group:
            table[word] = table.get(word, frozenset()) | group - {word}
    return table
