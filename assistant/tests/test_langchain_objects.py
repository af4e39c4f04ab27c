"""The LangChain objects: langchain-tests' standard suites, and what those do not ask."""

import json

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_tests.integration_tests import (
    EmbeddingsIntegrationTests,
    RetrieversIntegrationTests,
    VectorStoreIntegrationTests,
)

from assistant.contract import answer_json
from assistant.langchain_objects import (
    EmbeddingsEncoder,
    PolicyAnswers,
    PolicyEmbeddings,
    PolicyRetriever,
    PolicyVectorStore,
)
from assistant.pipeline import Assistant
from corpus.errors import UserError
from corpus.store import Store
from corpus.testing import make_store
from corpus.types import Filters

CANTEEN = {
    "title": "云河市职工食堂办法",
    "issuer": "云河市总工会",
    "kind": "办法",
    "published_on": "2025-05-06",
    "text": "第一条 职工食堂的午餐补贴为每人每天9元。\n第二条 职工食堂由后勤处负责管理。",
}
VISITS = {
    "title": "云河市困难职工慰问办法",
    "issuer": "云河市总工会",
    "kind": "办法",
    "text": "第一条 困难职工慰问金标准为每人每次1500元。\n第二条 慰问金由基层工会经费列支。",
}
QUESTION = "职工食堂午餐补贴多少钱？"
SAID = "第一条 职工食堂的午餐补贴为每人每天9元。"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with make_store(tmp_path_factory.mktemp("langchain"), [CANTEEN, VISITS]) as store:
        yield store


#: The suites' coroutines are run by anyio's plugin, which comes with starlette.
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


class TestRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _over(self, store):
        self.store = store

    @property
    def retriever_constructor(self):
        return PolicyRetriever

    @property
    def retriever_constructor_params(self):
        return {"store": self.store}

    @property
    def retriever_query_example(self):
        return "慰问金和食堂补贴"


class TestEmbeddings(EmbeddingsIntegrationTests):
    @pytest.fixture(autouse=True)
    def _over(self, store):
        self.store = store

    @property
    def embeddings_class(self):
        return PolicyEmbeddings

    @property
    def embedding_model_params(self):
        return {"store": self.store}


class TestVectorStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path):
        with Store.open(tmp_path / "store", encoder=EmbeddingsEncoder(self.get_embeddings())) as store:
            yield PolicyVectorStore(store)


def test_the_retriever_gives_passages_with_where_they_stand(store):
    found = PolicyRetriever(store=store, k=1).invoke("慰问金标准")
    assert found == [
        Document(
            id="2/1/1",
            page_content="第一条 困难职工慰问金标准为每人每次1500元。",
            metadata={
                "source": "文件2.txt",
                "page": 1,
                "label": "",
                "article_id": "2/1",
                "title": "云河市困难职工慰问办法",
                "issuer": "云河市总工会",
                "number": "",
                "published_on": "",
                "effective_on": "",
                "kind": "办法",
                "status": "未知",
            },
        )
    ]


def test_the_retriever_keeps_to_its_filters(store):
    kept = PolicyRetriever(store=store, filters=Filters(published_from="2025-01-01")).invoke("慰问金标准")
    assert {document.metadata["article_id"] for document in kept} == {"1/1"}


def test_passages_of_files_are_found_by_place_and_cannot_be_changed(store):
    vectors = PolicyVectorStore(store)
    assert [d.id for d in vectors.get_by_ids(["2/1/2", "9/9/9", "1/1/1"])] == ["2/1/2", "1/1/1"]
    with pytest.raises(UserError, match="是一份文件里的段落"):
        vectors.delete(["2/1/2"])
    with pytest.raises(UserError, match="是一份文件里的段落"):
        vectors.add_texts(["别的话"], ids=["2/1/2"])
    with pytest.raises(UserError, match="没有说明要删除哪些"):
        vectors.delete()
    assert store.counts().passages == 4


def test_every_search_of_a_vector_store_finds_the_nearest(store):
    vectors = PolicyVectorStore(store)
    (nearest, cosine), *_ = vectors.similarity_search_with_score(SAID, k=2)
    assert (nearest.id, 0.5 < cosine <= 1.0001) == ("1/1/1", True)
    ((same, relevance),) = vectors.similarity_search_with_relevance_scores(SAID, k=1)
    assert (same, 0.5 < relevance <= 1) == (nearest, True)
    assert vectors.as_retriever(search_type="mmr", search_kwargs={"k": 3}).invoke(SAID)[0] == nearest
    assert len(vectors.max_marginal_relevance_search(SAID, k=3)) == 3
    other = vectors.similarity_search(SAID, k=9, filter={"article_ids": ["2/1"]})
    assert {document.metadata["article_id"] for document in other} == {"2/1"}
    with pytest.raises(UserError, match="筛选条件 year 不认识"):
        vectors.similarity_search(SAID, filter={"year": 2025})


def test_what_was_added_is_answered_from_and_gone_when_deleted(tmp_path):
    with make_store(tmp_path, [VISITS]) as store:
        vectors = PolicyVectorStore(store)
        text = "云河市工人文化宫每周一闭馆。"
        assert vectors.add_texts([text], [{"title": "文化宫须知", "多": [1, {"好": None}]}], ids=["甲"]) == [
            "甲"
        ]
        answers = PolicyAnswers(Assistant(store))
        said = answers.invoke("文化宫每周几闭馆？")
        assert (said["outcome"], said["answer"], said["evidence"][0]["title"]) == (
            "answered",
            f"{text}[1]",
            "文化宫须知",
        )
        assert vectors.get_by_ids(["甲"]) == [
            Document(id="甲", page_content=text, metadata={"title": "文化宫须知", "多": [1, {"好": None}]})
        ]
        assert vectors.delete(["甲", "没有的"])
        assert vectors.get_by_ids(["甲"]) == []
        assert answers.invoke("文化宫每周几闭馆？")["outcome"] == "insufficient"
        assert store.verify() == []
        with pytest.raises(UserError, match="metadata 存不下来"):
            vectors.add_texts(["一句"], [{"坏": object()}])
        assert store.counts().sources == 1


def test_a_vector_store_is_made_of_texts_where_one_says(tmp_path):
    embedding = DeterministicFakeEmbedding(size=6)
    with pytest.raises(UserError, match="没有说明资料库放在哪里"):
        PolicyVectorStore.from_texts(["甲", "乙"], embedding)
    made = PolicyVectorStore.from_texts(["甲", "乙"], embedding, ids=["1", "2"], directory=tmp_path / "made")
    assert [d.page_content for d in made.similarity_search("乙", k=1)] == ["乙"]
    assert made.embeddings.embed_query("乙") == pytest.approx(made.embeddings.embed_documents(["乙"])[0])
    made._store.close()


def test_the_whole_answer_is_the_contracts_and_its_pieces_add_up(store):
    answers = PolicyAnswers(Assistant(store))
    whole = answers.invoke(QUESTION)
    assert {**whole, "seconds": 0} == {**answer_json(Assistant(store).ask(QUESTION)), "seconds": 0}
    assert whole["answer"] == f"{SAID}[1]"
    first, *rest = answers.stream(QUESTION)
    assert first == {"answer": f"{SAID}[1]"}
    for piece in rest:
        first = first + piece
    assert {**first, "seconds": 0} == {**whole, "seconds": 0}
    assert json.loads(json.dumps(whole)) == whole


@pytest.mark.parametrize(
    "asked",
    [
        {"question": "第二条呢？那由谁管理？", "history": [(QUESTION, SAID)]},
        {"messages": [HumanMessage(QUESTION), AIMessage(SAID), HumanMessage("那由谁管理？")]},
        [SystemMessage("你是海盗。"), HumanMessage("职工食堂由谁管理？")],
        [("user", "职工食堂由谁管理？")],
    ],
)
def test_the_answer_is_to_whatever_a_chain_hands_over(store, asked):
    assert "后勤处" in PolicyAnswers(Assistant(store)).invoke(asked)["answer"]


def test_the_answer_is_a_link_of_a_chain(store):
    prompt = ChatPromptTemplate.from_messages([("system", "简短回答。"), ("human", "{what}多少钱？")])
    chain = prompt | PolicyAnswers(Assistant(store)) | RunnableLambda(lambda answer: answer["answer"])
    assert chain.invoke({"what": "职工食堂午餐补贴"}) == f"{SAID}[1]"
    with pytest.raises(UserError, match="问题是空的"):
        PolicyAnswers(Assistant(store)).invoke("  ")


def test_a_closed_set_of_passages_is_answered_from_alone(store):
    given = {"question": "文化宫每周几闭馆？", "passages": ["云河市工人文化宫每周一闭馆。"]}
    assert "每周一" in PolicyAnswers(Assistant(store)).invoke(given)["answer"]
