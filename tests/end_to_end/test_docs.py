"""Every command of the pages under docs/ works as it is printed, in its order, on a running stack."""

import pytest

from tests.end_to_end.documents import ROOT, commands_of, run_in_order

PAGES = [page for page in sorted((ROOT / "docs").glob("*.md")) if commands_of(page)]


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_command_of_a_page_works(stack, page):
    outputs = run_in_order(stack, commands_of(page))

    assert all(output.strip() for output in outputs.values()), "a command that says nothing leaves its reader in doubt"
