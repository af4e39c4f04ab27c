"""A question in the words that texts use."""

from assistant.question.terms import RARITY_CAP, Words
from assistant.question.vocabulary import synonyms
from assistant.types import Query


def reworded(query: Query, words: Words) -> str:
    """The question in the words that the corpus uses most for the same things; as it is where it has none better."""
    text = query.text
    for term in sorted(query.terms, key=len, reverse=True):
        others = words.word_weights(sorted(synonyms().get(term, ())))
        best = min(others, key=lambda w: (others[w], -len(w)), default=term)
        own = words.word_weights([term]).get(term, RARITY_CAP)
        if best != term and others[best] < own and best not in text:
            text = text.replace(term, best)
    return text
