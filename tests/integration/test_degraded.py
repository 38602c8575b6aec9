"""A model that cannot be loaded: enrich starts without it, and says so."""

from tests.stack import running_stack


def test_enrich_without_its_model_is_ready_and_says_what_it_does_less_well_in_readyz_and_a_metric(engines, tmp_path):
    lacking = {"DATELINE_ENRICH_ENGLISH_MODEL": "no_such_model"}

    with running_stack(engines, tmp_path, ("enrich",), lacking) as stack:
        ready, metrics = stack.operations("enrich", "/readyz"), stack.operations("enrich", "/metrics").text

    assert ready.status_code == 200
    assert "no model no_such_model, names of places only" in ready.json()["notes"]["models"]
    assert "\ndateline_degraded 1.0\n" in metrics
