"""What a reader filled in to comment on an article, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from shared.text import clean_line, clean_text

LONGEST_AUTHOR = 80
LONGEST_TEXT = 10_000
#: Longer forms are no comments; a character may take 12 bytes.
MOST_FORM_BYTES = 130_000
_MOST_FIELDS = 10


@dataclass(frozen=True, slots=True)
class CommentForm:
    """The fields of the form. `trap` is one that readers do not see: whoever fills it in is a program."""

    author: str = ""
    text: str = ""
    token: str = ""
    trap: str = ""


@dataclass(frozen=True, slots=True)
class FormToShow:
    """The form as it stands in a page: filled in with what was sent, and what is wrong by field (`""`: with all of it)."""

    token: str
    author: str = ""
    text: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


def parse_comment_form(body: bytes) -> CommentForm | None:
    """The form as browsers send it (`application/x-www-form-urlencoded`); None when it is none."""
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except (UnicodeDecodeError, ValueError):
        return None
    first = {name: values[0] for name, values in fields.items()}
    return CommentForm(
        author=clean_line(first.get("author", "")),
        text=clean_text(first.get("text", "")),
        token=first.get("token", ""),
        trap=first.get("website", ""),
    )


def find_faults(form: CommentForm) -> dict[str, str]:
    """What is to be put right, by field."""
    faults = {}
    if not form.author:
        faults["author"] = "Please give a name."
    elif len(form.author) > LONGEST_AUTHOR:
        faults["author"] = f"The name is too long: it may have {LONGEST_AUTHOR} characters."
    if not form.text:
        faults["text"] = "Please write something."
    elif len(form.text) > LONGEST_TEXT:
        faults["text"] = f"The comment has {len(form.text):,} characters; it may have {LONGEST_TEXT:,}."
    return faults
