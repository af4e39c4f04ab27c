"""What happens on the page of answers to be reviewed."""

from eval import review
from eval.trainer import review_pages, set_pages
from eval.trainer.desk import Desk, Reply, Values, good
from eval.trainer.forms import article_named, facts_of, number_of, text_of


class ReviewEvents:
    """待复核: each ``do_`` method answers one button or form."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def do_queue(self, values: Values) -> Reply:
        """Answers to be reviewed; with a trainer's name, those this trainer has not judged."""
        trainer, reason = text_of(values, "trainer"), text_of(values, "reason")
        everything = review.queue(self.desk.store, trainer=trainer)
        counts = {r: sum(item.reason == r for item in everything) for r in review_pages.REASONS}
        names = sorted(review.trainers(self.desk.store))
        pairs = [
            (a, b, review.agreement(self.desk.store, a, b))
            for n, a in enumerate(names)
            for b in names[n + 1 :]
        ]
        shown = [item for item in everything if reason in ("", item.reason)]
        held = {
            item.answerable: self.desk.store.article(item.answerable) for item in shown if item.answerable
        }
        body = review_pages.queue_page(
            shown,
            self.desk.workspace.sets(),
            trainer=trainer,
            reason=reason,
            counts=counts,
            agreed=[pair for pair in pairs if pair[2].items],
            titles=self.desk.titles()[: set_pages.OFFERED_TITLES],
            answering={id_: article.title for id_, article in held.items() if article},
        )
        return Reply(self.desk.page("queue", body))

    def do_review(self, values: Values) -> Reply:
        """One trainer's judgement, and the question into a set when that was chosen."""
        number, trainer = number_of(values, "number"), text_of(values, "trainer")
        title = text_of(values, "article")
        article = article_named(title, self.desk.store).id if title else ""
        given = {"verdict": text_of(values, "verdict"), "article": article, "note": text_of(values, "note")}
        review.label(self.desk.store, number, trainer=trainer, **given)
        into = text_of(values, "into")
        kept = f"意见已经记下，问题收入了题集“{self._keep(number, values)}”。" if into else "意见已经记下。"
        return Reply(told=good(kept, taken=text_of(values, "form")))

    def _keep(self, number: int, values: Values) -> str:
        """Puts the question of a judged answer into a set; the set's name."""
        workspace, store = self.desk.workspace, self.desk.store
        item = store.review(number)
        assert item is not None  # it has just been labelled
        case = review.to_case(store, item, trainer=text_of(values, "trainer"), must=facts_of(values))
        into = text_of(values, "into")
        kept = (
            workspace.named(review_pages.NEW_NAME) if into == review_pages.NEW_SET else workspace.find(into)
        )
        workspace.add(kept.key, case)
        review.made_case(store, number)
        return kept.name

    def do_review_dismiss(self, values: Values) -> Reply:
        review.dismiss(self.desk.store, number_of(values, "number"))
        return self.do_queue(values)._replace(told=good("已经移出待复核。"))
