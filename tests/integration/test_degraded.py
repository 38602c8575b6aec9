"""A model that cannot be loaded: enrich starts without it, and says so."""

from tests.stack import running_stack


def test_enrich_without_its_model_is_ready_and_says_what_it_does_less_well_in_readyz_and_a_metric(engines, tmp_path):
    lacking = {"DATELINE_ENRICH_ENGLISH_MODEL": "no_such_model"}

    with running_stack(engines, tmp_path, ("enrich",), lacking) as stack:
        ready, metrics = stack.operations("enrich", "/readyz"), stack.operations("enrich", "/metrics").text

    assert ready.status_code == 200
    assert "no model no_such_model, names of places only" in ready.json()["notes"]["models"]
    assert "\ndateline_degraded 1.0\n" in metrics


def test_enrich_with_a_language_whose_model_is_broken_is_ready_and_says_so_in_readyz_and_a_metric(engines, tmp_path):
    broken = tmp_path / "broken" / "fr_core_news_sm.py"
    broken.parent.mkdir()
    broken.write_text("raise RuntimeError('half of it was downloaded')\n", encoding="utf-8")
    lacking = {"DATELINE_ENRICH_RECOGNISERS": "fr", "PYTHONPATH": str(broken.parent)}

    with running_stack(engines, tmp_path, ("enrich",), lacking) as stack:
        ready, metrics = stack.operations("enrich", "/readyz"), stack.operations("enrich", "/metrics").text

    assert ready.status_code == 200
    assert "no model fr_core_news_sm of fr (the extra ner-fr), names of places only: half of it" in ready.json()["notes"]["models"]
    assert "\ndateline_degraded 1.0\n" in metrics
