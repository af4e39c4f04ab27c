"""The tokenizer: every character of the training texts and their most frequent words.

A Unigram model, not WordPiece: WordPiece gives up a whole run of Chinese for one
character that it does not know (a rare surname), and its longest match takes time
quadratic in the run. Unigram loses that one character, and time stays linear. Its
scores are log frequencies, so the longest known word wins unless its parts are far
more frequent.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import jieba
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

UNKNOWN = "[UNK]"

# Words of the field that jieba's own dictionary would split. Kept here, not shared with the
# lexical leg's list: that one may grow, while a model stays with the words it was trained on.
_TERMS = """
工会 工会经费 工会主席 工会委员会 工会会员 工会会员代表大会 基层工会 企业工会 产业工会 地方总工会 总工会 全国总工会
工会组织 工会干部 工会法 工会财务 经费审查 经费审查委员会 经审会 会费 拨缴 建会 入会 转会 会籍 劳模 劳动模范 工匠
职代会 职工代表大会 职工代表 厂务公开 民主管理 民主选举 集体协商 集体合同 工资集体协商 专项集体合同 协商代表
女职工 女职工委员会 劳动保护 劳动安全卫生 劳动法律监督 劳动争议 劳动仲裁 劳动人事争议 仲裁委员会 调解委员会
劳动关系 劳动合同 无固定期限劳动合同 试用期 经济补偿 经济补偿金 赔偿金 竞业限制 服务期 违约金 劳务派遣 用工单位
最低工资 加班费 加班 年休假 带薪年休假 产假 陪产假 哺乳期 孕期 医疗期 工伤 工伤认定 工伤保险 社保 社会保险 公积金
拖欠工资 农民工 新就业形态劳动者 灵活就业 网约车司机 外卖骑手 货车司机 困难职工 困难职工帮扶 送温暖 金秋助学 送清凉
职工之家 劳动竞赛 合理化建议 技术创新 互助保障 职工医疗互助 疗休养 文体活动 节日慰问 慰问品 法律援助 产业工人队伍建设改革
"""
FIELD_TERMS = tuple(_TERMS.split())


def learn(texts: Iterable[str], weights: Iterable[int] | None = None, *, size: int) -> Tokenizer:
    """A tokenizer of at most ``size`` tokens over ``texts``, each counted ``weights`` times.

    Characters come first, every one that occurs, then the words that jieba finds most
    often. A word of the field gets no place for being one: seen too seldom, it would stand
    in a text with a vector that means nothing, where its parts would have meant something.
    """
    words, characters = _count(texts, weights)
    kept = dict.fromkeys(sorted(characters))
    for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0])):
        if len(kept) >= size - 1:
            break
        if len(word) > 1:
            kept.setdefault(word)
    total = sum(words.values()) or 1
    # Half a count for what never stands alone, or was never seen whole.
    return build([(word, math.log((words[word] + 0.5) / total)) for word in kept])


def build(scored: Sequence[tuple[str, float]]) -> Tokenizer:
    """The tokenizer over these ``(token, log probability)``; id 0 is the unknown token."""
    worst = min((score for _, score in scored), default=0.0)
    tokenizer = Tokenizer(models.Unigram([(UNKNOWN, worst - 10), *scored], unk_id=0))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    # Punctuation separates, and says nothing about the matter: it is dropped.
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[^\p{L}\p{N}]+"), "removed")
    return tokenizer


def _count(texts: Iterable[str], weights: Iterable[int] | None) -> tuple[Counter[str], set[str]]:
    normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    segmenter = jieba.Tokenizer()
    for term in FIELD_TERMS:
        segmenter.add_word(term)
    words: Counter[str] = Counter()
    for text, weight in zip(texts, weights or _ones(), strict=False):
        for word in segmenter.cut(normalizer.normalize_str(text), HMM=False):
            if word.isalnum():
                words[word] += weight
    return words, {character for word in words for character in word}


def _ones() -> Iterable[int]:
    while True:
        yield 1
