"""What happens on the pages about question sets: written, uploaded, proposed, changed, downloaded."""

import base64
import binascii
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from assistant.chat_model import LangChainModel, ModelError
from corpus.errors import UserError
from eval import dataset, propose
from eval.dataset import Case
from eval.probes import probes
from eval.trainer import markup, set_pages
from eval.trainer.desk import Desk, Reply, Values, good, suffix_of, written
from eval.trainer.forms import article_named, case_from, number_of, text_of
from eval.trainer.workspace import QuestionSet, safe_name


class SetEvents:
    """题集: each ``do_`` method answers one button or form."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._counted: dict[tuple[Path, int], tuple[int, int]] = {}

    def do_sets(self, values: Values) -> Reply:
        """The list of sets."""
        rows = [(one, *self._count(one)) for one in self.desk.workspace.sets()]
        body = set_pages.sets_page(rows, self.desk.run_name(), runs=self.desk.workspace.count_runs())
        return Reply(self.desk.page("sets", body))

    def do_open_set(self, values: Values, told: str = "") -> Reply:
        """One set with its questions."""
        one = self.desk.workspace.find(text_of(values, "key"))
        body = set_pages.set_page(
            one,
            self.desk.workspace.cases(one.key),
            self.desk.titles(),
            start=number_of(values, "start"),
            find=text_of(values, "find"),
        )
        return Reply(self.desk.page("sets", body), told)

    def do_create(self, values: Values) -> Reply:
        one = self.desk.workspace.create(text_of(values, "name"))
        return self.do_open_set({"key": one.key}, good(f"新建了题集“{one.name}”。请写第一道题。"))

    def do_upload(self, values: Values) -> Reply:
        """A file from the browser, which sends its name and its bytes in base64."""
        folder = Path(tempfile.mkdtemp(prefix="unionqa-"))
        try:
            name = text_of(values, "name").replace("\\", "/").rsplit("/", 1)[-1]
            path = folder / f"{safe_name(Path(name).stem)}{Path(name).suffix.lower()}"
            path.write_bytes(base64.b64decode(text_of(values, "data"), validate=True))
            one, total = self.desk.workspace.receive(path)
        except binascii.Error as error:
            raise UserError("文件没有传完整。", "请重新选择文件再试。") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return self.do_open_set({"key": one.key}, good(f"收到 {total} 道题，存为题集“{one.name}”。"))

    def do_too_large(self, values: Values) -> Reply:
        raise UserError(f"“{text_of(values, 'name')}”超过 20 MB。", "请分成几个小一些的题集上传。")

    def do_template(self, values: Values) -> Reply:
        suffix = suffix_of(values, ("xlsx", "csv"))
        return Reply(file=written(f"题集模板.{suffix}", dataset.template))

    def do_download_set(self, values: Values) -> Reply:
        one = self.desk.workspace.find(text_of(values, "key"))
        cases, suffix = self.desk.workspace.cases(one.key), suffix_of(values, ("xlsx", "csv", "jsonl"))
        return Reply(
            file=written(f"{set_pages.set_title(one)}.{suffix}", lambda path: dataset.save(cases, path))
        )

    def do_copy_set(self, values: Values) -> Reply:
        one = self.desk.workspace.find(text_of(values, "key"))
        name = self.desk.workspace.free_name(f"{set_pages.set_title(one)} 副本")
        copy = self.desk.workspace.create(name, self.desk.workspace.cases(one.key))
        return self.do_open_set({"key": copy.key}, good(f"复制好了，这份可以随意修改：“{copy.name}”。"))

    def do_probe_set(self, values: Values) -> Reply:
        """A new set of the same questions made harder: mistyped, in 繁体, amid noise, misled."""
        one = self.desk.workspace.find(text_of(values, "key"))
        made = probes(self.desk.workspace.cases(one.key), self.desk.store)
        if not made:
            raise UserError(
                "这套题出不了抗干扰题。", "它需要能回答、写明了事实、而且资料库里找得到依据的题。"
            )
        name = self.desk.workspace.free_name(f"{set_pages.set_title(one)} 抗干扰")
        probed = self.desk.workspace.create(name, made)
        words = f"出了 {len(made)} 道抗干扰题：错别字、繁体、口语、无关或矛盾的段落等，存为“{probed.name}”。"
        return self.do_open_set({"key": probed.key}, good(words))

    def do_remove_set(self, values: Values) -> Reply:
        self.desk.workspace.remove_set(text_of(values, "key"))
        return self.do_sets({})._replace(told=good("题集已经删除。"))

    def _count(self, one: QuestionSet) -> tuple[int, int]:
        """Questions, and those to be refused; read again only when the file has changed."""
        place = (one.path, one.path.stat().st_mtime_ns)
        if place not in self._counted:
            total = refuse = 0
            for case in dataset.stream(one.path) if one.path.stat().st_size else ():
                total, refuse = total + 1, refuse + (not case.answerable)
            self._counted[place] = (total, refuse)
        return self._counted[place]

    def do_add_case(self, values: Values) -> Reply:
        case = self.desk.workspace.add(text_of(values, "key"), case_from(values, self.desk.store))
        return self.do_open_set(values, good(f"已加入：{case.question}"))

    def do_edit_case(self, values: Values) -> Reply:
        one = self.desk.workspace.find(text_of(values, "key"))
        case = self._case(one.key, text_of(values, "case"))
        return Reply(self.desk.page("sets", set_pages.edit_page(one, case, self.desk.titles())))

    def do_save_case(self, values: Values) -> Reply:
        key, case_id = text_of(values, "key"), text_of(values, "case")
        changed = case_from(values, self.desk.store, self._case(key, case_id))
        self.desk.workspace.change(key, lambda cases: [changed if c.id == case_id else c for c in cases])
        return self.do_open_set({"key": key}, good("改好了。"))

    def do_remove_case(self, values: Values) -> Reply:
        key, case_id = text_of(values, "key"), text_of(values, "case")
        self.desk.workspace.change(key, lambda cases: [c for c in cases if c.id != case_id])
        return self.do_open_set({"key": key}, good("题目已经删除。"))

    def _case(self, key: str, case_id: str) -> Case:
        for case in self.desk.workspace.cases(key):
            if case.id == case_id:
                return case
        raise UserError("这道题已经不在题集里了。", "请回到题集再看一下。")

    def do_propose(self, values: Values) -> Reply:
        """Questions that an article suggests, for a person to accept one by one."""
        one = self.desk.workspace.find(text_of(values, "key"))
        article = article_named(text_of(values, "article"), self.desk.store)
        told = ""
        try:
            found = propose.propose_from(self.desk.store, article.id, model=self._model())
        except ModelError:  # the templates do without it
            found = propose.propose_from(self.desk.store, article.id)
            told = markup.said("语言模型没有回应，下面只有按模板出的题。")
        proposed = [(replace(p.case, article=article.title), p.reason) for p in found]
        body = set_pages.proposals_page(one, article.title, proposed, self.desk.titles())
        return Reply(self.desk.page("sets", body), told)

    def _model(self) -> LangChainModel | None:
        settings = self.desk.answering.settings
        return LangChainModel(settings) if settings.model else None

    def do_accept(self, values: Values) -> Reply:
        """A proposal as it was edited, into the set; its form leaves the page, the others stay."""
        case = self.desk.workspace.add(text_of(values, "key"), case_from(values, self.desk.store))
        return Reply(told=good(f"已收入题集：{case.question}", taken=text_of(values, "form")))
