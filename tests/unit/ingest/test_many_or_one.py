"""Whether a request holds many views or shares, or one."""

import pytest

from services.ingest.judging import begins_with


@pytest.mark.parametrize("body", [b'{"views": []}', b' { "views" : []}', b'{\n  "views": []\n}', b'{"views":[]}'])
def test_a_list_is_known_by_its_field_however_it_is_written(body):
    assert begins_with(body, "views")


@pytest.mark.parametrize("body", [b'{"article_id": "a"}', b"", b"views", b'{"viewscape": 1}'])
def test_all_else_is_one(body):
    assert not begins_with(body, "views")
