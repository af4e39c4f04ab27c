"""Why a passage stands where it does: what each feature adds to its score, in words."""

from dataclasses import dataclass

from assistant.reranker.features import NAMES, Matrix
from assistant.reranker.model import Reranker

#: What people call each feature, in the order of ``features.NAMES``.
TITLES = {
    "lexical_share": "关键词得分（比最高）",
    "lexical_top": "关键词名次靠前",
    "lexical_rank": "关键词名次（对数）",
    "cosine": "意思相近（余弦）",
    "cosine_gap": "与最相近者的差距",
    "vector_top": "向量名次靠前",
    "vector_rank": "向量名次（对数）",
    "both": "两路都找到",
    "words_text": "正文含问题的词",
    "words_title": "标题含问题的词",
    "words_any": "标题或正文含问题的词",
    "pairs_text": "正文含问题的二字片段",
    "pairs_title": "标题含问题的二字片段",
    "pairs_any": "标题或正文含问题的二字片段",
    "rarest_word": "含最少见的词",
    "rarest_pair": "含最少见的二字片段",
    "run_text": "与正文最长的相同片段",
    "run_title": "与标题最长的相同片段",
    "title_said": "标题被问题说到多少",
    "length": "段落长短",
    "early": "问题的词出现得早",
    "title_length": "标题长短",
    "number_present": "问数字时有数字",
    "question_length": "问题长短",
    "question_words": "问题词数",
    "cosine_narrow": "意思相近（四分之一宽）",
    "asked_about": "像人们会问的段落",
    "document_cosine": "同一文件里最相近的",
    "document_gap": "与同一文件最相近者的差距",
    "document_count": "同一文件的候选数",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One feature of one candidate: its name in the weights and in words, its value, what it adds."""

    name: str
    title: str
    value: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """``score`` is ``baseline``, what the mean of the candidates scores, and all ``shares`` together.

    It is the hit's, in double precision. The shares stand in the order of ``features.NAMES``.
    """

    score: float
    baseline: float
    shares: tuple[Share, ...]


def explanations(reranker: Reranker, rows: Matrix) -> list[Explanation]:
    """One for each of ``rows`` ``(candidates, f)``; what the mean of the rows scores is the baseline."""
    if not len(rows):
        return []
    baseline, shares = reranker.shares(rows)
    return [
        Explanation(
            score=baseline + sum(added),
            baseline=baseline,
            shares=tuple(
                Share(name=name, title=TITLES[name], value=value, share=share)
                for name, value, share in zip(NAMES, row, added, strict=True)
            ),
        )
        for row, added in zip(rows.tolist(), shares.tolist(), strict=True)
    ]
