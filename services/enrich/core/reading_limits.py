"""What of a text a model of names is given, so that no text takes it long: not too much of it, and no words that are none."""

import re

#: A model reads so much of a text, in characters: its memory grows by 3 kB with each.
READ_CHARACTERS = 100_000
#: The same in words; signs and empty lines are each one, so a text of single signs has five times as many as prose of its length.
READ_TOKENS = 25_000
#: A text without blanks between words is read so far, in characters: some 16,000 words, which take a large network four seconds.
READ_UNSPACED_CHARACTERS = 30_000
#: What is longer is an encoded picture, a row of signs or an attack. A tokenizer takes a word apart sign by sign, each time copying
#: what is left: a word of 100,000 quotation marks takes it minutes, in which nothing can stop it.
LONGEST_WORD = 300
#: What is longer is no name, but a list or a text without punctuation.
LONGEST_NAME = 200

_LONG_WORD = re.compile(rf"(?<!\S)\S{{{LONGEST_WORD + 1},}}")
# The same where words are not parted by blanks: what repeats signs, and letters and figures of other scripts.
_LONG_UNSPACED_WORD = re.compile(
    rf"[^\s\u3040-\u30ff\u3400-\u9fff、。]{{{LONGEST_WORD + 1},}}|[\u30a0-\u30ff]{{101,}}|(\S)\1{{100,}}"
)
_TOKEN = re.compile(r"\w+|[^\w\s]|\s\s+|[^\S ]")


def bound_text(text: str) -> str:
    """The beginning of a text, with blanks in place of words that are too long: every offset is as it was."""
    bounded = text[:READ_CHARACTERS]
    if len(bounded) > LONGEST_WORD:
        bounded = _LONG_WORD.sub(lambda word: " " * len(word[0]), bounded)
    if len(bounded) > READ_TOKENS:
        for number, token in enumerate(_TOKEN.finditer(bounded)):
            if number == READ_TOKENS:
                return bounded[: token.start()]
    return bounded


def bound_unspaced_text(text: str) -> str:
    """The same of a text in a script without blanks between words, in which a whole paragraph is no word."""
    bounded = text[:READ_UNSPACED_CHARACTERS]
    if len(bounded) <= LONGEST_WORD:
        return bounded
    return _LONG_UNSPACED_WORD.sub(lambda word: " " * len(word[0]), bounded)
