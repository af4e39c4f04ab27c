"""Measuring from other programs: one run at a time, the same that the trainers' page shows."""

import time

import pytest
from starlette.testclient import TestClient

from assistant.pipeline import Assistant
from corpus.testing import make_store
from corpus.web import api
from eval import api_routes
from eval.dataset import Case
from eval.trainer.desk import Desk


@pytest.fixture
def desk(tmp_path):
    with make_store(tmp_path, ["云河市总工会规定，基层工会委员会每届任期为五年。"]) as store:
        made = Desk(store, Assistant(store))
        yield made
        made.background.wait(60)


@pytest.fixture
def client(desk):
    with TestClient(api.application([api_routes.router(desk)], title="接口")) as opened:
        yield opened


def cases(*questions: str) -> list[Case]:
    return [Case(id=f"{n}", question=q, type="数字", must=[["五年"]]) for n, q in enumerate(questions)]


def ended(client, name: str) -> dict:
    end = time.monotonic() + 60
    while (now := client.get(f"/eval/runs/{name}").json())["state"] in ("running", "stopping"):
        assert time.monotonic() < end, now
        time.sleep(0.02)
    return now


def test_a_run_is_started_watched_and_its_figures_read(client, desk):
    desk.workspace.create("换届", cases("基层工会每届任期几年？", "基层工会委员会任期多长？"))
    keys = {one["name"]: one["key"] for one in client.get("/eval/sets").json()["sets"]}
    assert keys["换届"] == "own/换届"
    begun = client.post("/eval/runs", json={"sets": [keys["换届"]], "name": "改进/之后"})
    assert (begun.status_code, begun.json()["name"], begun.json()["total"]) == (202, "改进-之后", 2)
    done = ended(client, "改进-之后")
    assert (done["state"], done["done"], done["cases"], done["crashed"]) == ("finished", 2, 2, 0)
    assert done["measures"]["right"]["mean"] == 1.0
    assert [run["name"] for run in client.get("/eval/runs").json()["runs"]] == ["改进-之后"]
    assert desk.background.progress.name == "改进-之后"
    stopped = client.post("/eval/runs/改进-之后/stop")
    assert (stopped.status_code, stopped.json()["error"]["code"]) == (409, "conflict")


def test_there_is_one_run_at_a_time_and_it_can_be_stopped(client, desk, monkeypatch):
    desk.workspace.create("长", cases(*(f"第{n}题：基层工会每届任期几年？" for n in range(400))))
    name = client.post("/eval/runs", json={"sets": ["own/长"]}).json()["name"]
    second = client.post("/eval/runs", json={"sets": ["own/长"]})
    assert (second.status_code, second.json()["error"]["message"]) == (409, "已经有一次测评在进行。")
    assert client.post(f"/eval/runs/{name}/stop").json()["state"] in ("stopping", "stopped")
    done = ended(client, name)
    assert (done["state"], done["done"] < 400) == ("stopped", True)
    assert len(client.get("/eval/runs").json()["runs"]) == 1


def test_what_is_not_there_is_said(client):
    for method, path, body in (
        ("GET", "/eval/runs/没有", None),
        ("POST", "/eval/runs/没有/stop", None),
        ("POST", "/eval/runs", {"sets": ["own/没有"]}),
    ):
        got = client.request(method, path, json=body)
        assert (got.status_code, got.json()["error"]["code"]) == (404, "not_found")
    for wrong in ({}, {"sets": []}, {"sets": "own/x"}, {"sets": ["x"], "name": "长" * 61}):
        assert client.post("/eval/runs", json=wrong).status_code == 422
