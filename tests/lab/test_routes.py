"""What the page asks for: its files; how unlike what was learnt an image is, which pixels speak, a run's report."""

import gzip
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from inklings.data.open import open_dataset
from inklings.insight.explain import explain
from inklings.models import Model

AT_ONCE, A_SECOND = 20, 200


@pytest.fixture(scope="module")
def model(trained_once):
    return Model.load(trained_once[0] / "digits.inkling")


@pytest.fixture(scope="module")
def digit():
    """An image that the model of the shared lab has not learnt from."""
    return np.asarray(open_dataset("digits").split().test.images[0], "<f4")


@pytest.mark.parametrize("accepted", ["gzip, deflate, br", "br, gzip;q=0.5", "gzip;q=0", "deflate", ""])
def test_a_file_comes_compressed_to_who_takes_it_so_and_not_again_to_who_has_it(lab, accepted):
    plain = lab.ask("GET", "/static/engine/inklings.wasm")
    headers = {**lab.own, "Accept-Encoding": accepted}
    answer = lab.ask("GET", "/static/engine/inklings.wasm", headers=headers)
    packs = answer.headers.get("Content-Encoding") == "gzip"
    assert packs == (accepted in ("gzip, deflate, br", "br, gzip;q=0.5"))
    assert (gzip.decompress(answer.body) if packs else answer.body) == plain.body
    assert (len(answer.body) < 0.6 * len(plain.body)) == packs
    assert (answer.headers["ETag"] != plain.headers["ETag"]) == packs
    again = lab.ask("GET", "/static/engine/inklings.wasm", headers={**headers, "If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_noise_is_not_like_what_was_learnt_and_a_digit_is(lab, model, digit):
    noise = np.random.default_rng(0).random(digit.shape).astype("<f4")
    for image, is_novel in ((digit, False), (noise, True)):
        found = lab.post("/api/models/m1/novelty", body=image.tobytes()).json()
        assert found["novel"] is is_novel
        assert found["score"] == pytest.approx(model.score_novelty(image[None], prepared=True)[0], rel=1e-4)
        assert found["threshold"] == pytest.approx(model.novelty.threshold)


@pytest.mark.parametrize("kind", ["saliency", "integrated", "occlusion"])
def test_an_explanation_is_that_of_the_library(lab, model, digit, kind):
    answer = lab.post(f"/api/models/m1/explain?kind={kind}&class=3", body=digit.tobytes())
    expected = explain(model, digit, kind, 3)
    assert answer.headers["X-Shape"] == "x".join(map(str, expected.shape))
    found = np.frombuffer(answer.body, "<f4").reshape(expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("query", ["kind=magic", "kind=saliency&class=10", "kind=saliency&class=-1"])
def test_an_explanation_of_what_there_is_not_is_refused_in_words(lab, digit, query):
    answer = lab.post(f"/api/models/m1/explain?{query}", body=digit.tobytes())
    assert answer.status == 400
    assert answer.json()["error"]


def test_a_run_has_a_report_that_can_do_nothing_in_the_labs_name(own_lab, dense):
    lab = own_lab()
    id = lab.post("/api/trainings", {"network": dense, "recipe": {"epochs": 2}}).json()["id"]
    run = lab.wait_for(id, "finished")["run"]
    (row,) = [each for each in lab.get("/api/runs").json() if each["id"] == run]
    assert row["report"]
    answer = lab.get(f"/api/runs/{run}/report")
    assert answer.headers["Content-Type"].startswith("text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert f"{100 * row['test']:.1f}".encode() in answer.body
    assert lab.get(f"/api/runs/{run}/report").body == answer.body


def waits(lab, seconds):
    """Ask two hundred times a second, and return how long each answer took in seconds, from when it was due."""
    paths = ["/api/models", "/api/trainings", "/learn", "/static/lab.js", "/api/data/images?limit=24", "/api/runs"]
    begun = time.monotonic()

    def ask(number):
        due = begun + number / A_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
        lab.get(paths[number % len(paths)])
        return time.monotonic() - due

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return np.array(list(pool.map(ask, range(seconds * A_SECOND))))


@pytest.mark.slow
def test_a_training_keeps_nobody_waiting(own_lab, slow):
    lab = own_lab()
    for each in lab.get("/api/trainings").json():
        lab.wait_for(each["id"], "finished")
    lab.get("/api/runs")
    alone = waits(lab, 10)
    id = lab.post("/api/trainings", {"network": slow, "recipe": {"epochs": 2000, "batch_size": 2}}).json()["id"]
    lab.wait_for(id, "running")
    with lab.follow(id) as events:
        next(events)
        meanwhile = waits(lab, 30)
    assert lab.get(f"/api/trainings/{id}").json()["state"] == "running"
    # A machine that is busy with other things makes everybody wait, without any training too.
    assert np.percentile(meanwhile, 99) < max(0.15, 3 * np.percentile(alone, 99))
