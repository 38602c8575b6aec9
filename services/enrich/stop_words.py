"""The words of each language that say nothing of what a text is about, as spaCy's contributors gathered them (MIT licence)."""

import re
import runpy
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from services.enrich.core.recognisers import English

#: Languages whose lists serve for others, too.
_SAME_LIST = {"bs": "hr", "nn": "nb", "no": "nb", "ku": "kmr"}
#: What every article of news says, whatever it is about.
_OF_NEWS = {
    "de": "sagte sagt sagten erklärte teilte mitgeteilt angaben prozent jahr jahre jahren montag dienstag mittwoch donnerstag"
    " freitag samstag sonntag uhr",
    "en": "said say says saying told tells according added adding year years month months week weeks day days today yesterday"
    " percent monday tuesday wednesday thursday friday saturday sunday january february march april june july august"
    " september october november december mr mrs ms dr people including like new news read time times",
    "es": "dijo dice afirmó señaló añadió según año años lunes martes miércoles jueves viernes sábado domingo",
    "fr": "déclaré dit indiqué ajouté affirmé selon an ans année années lundi mardi mercredi jeudi vendredi samedi dimanche",
    "it": "detto ha dichiarato secondo anno anni lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "pt": "disse afirmou segundo ano anos segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
}
#: The words that only bind others, of languages that spaCy has no list of.
_BINDING = {
    "km": "និង ការ បាន ដែល ក្នុង នេះ មាន របស់ ដោយ ទៅ ពី នៃ មិន ថា ដើម្បី ឱ្យ ឲ្យ លើ ដល់ គឺ ទៀត នោះ តាម ជាមួយ ហើយ ត្រូវ ដែរ ប៉ុន្តែ",
    "lo": "ແລະ ຂອງ ທີ່ ໃນ ເປັນ ບໍ່ ໄດ້ ມີ ການ ໃຫ້ ວ່າ ນີ້ ກັບ ຈາກ ຈະ ແຕ່ ເພື່ອ ດ້ວຍ ຢູ່ ຄວາມ ນັ້ນ ກໍ່ ກໍ ໂດຍ ຕໍ່ ຊຶ່ງ ເຊິ່ງ",
    "my": "သည် များ ကို နှင့် တွင် ရန် ဖြစ် ခဲ့ သော အတွက် လည်း ဟု မှာ တယ် နဲ့ ကြောင်း ပြီး ဖို့ မည် ရှိ ထို ဒီ",
}
_CODE = re.compile(r"[a-z]{2,3}")


def load_stop_words(english: English | None = None) -> Callable[[str], frozenset[str]]:
    """A function from a language's code to its stop words in lower case; none where no list is known.

    Of English its verbs are taken for stop words, too: what an article is about is a noun. A list is read
    when its language is first met: all 76 together take half a megabyte.
    """
    spacy = find_spec("spacy")
    folder = Path(spacy.origin).parent / "lang" if spacy and spacy.origin else None

    @cache
    def stop_words_of(language: str) -> frozenset[str]:
        code = _SAME_LIST.get(language, language)
        own = frozenset(f"{_OF_NEWS.get(code, '')} {_BINDING.get(code, '')}".split())
        if code == "en" and english:
            own |= english.verbs
        if folder is None or not _CODE.fullmatch(code) or not (folder / code / "stop_words.py").is_file():
            return own
        # The module alone: its package would load the language's tokenizer.
        words = runpy.run_path(str(folder / code / "stop_words.py"))["STOP_WORDS"]
        return own | frozenset(word.lower() for word in words)

    return stop_words_of
