"""Runs spaCy's recogniser of names with numpy: the same names in a third of the time, and in less memory.

The network is that of spaCy 3: hashed embeddings of each word's form, prefix, suffix and shape, in some models a vector of each
frequent word beside them, convolutions over three words, and a greedy transition parser (Lample and others, Neural Architectures
for Named Entity Recognition, 2016, section 3). It is faster here because a word is embedded once for all texts of a batch, numpy's
library multiplies matrices faster, and since the parser's next step depends only on the word and on where the open name began,
all steps outside of names are scored at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDS, IS_SPACE, NORM, PREFIX, SHAPE, SUFFIX
from spacy.tokens import Doc

from services.enrich.core.spans import Span

_Floats = NDArray[np.float32]
_ATTRIBUTES: Final = [NORM, PREFIX, SUFFIX, SHAPE]
#: Texts are read together up to so many words: what is computed of them then stays in the processor's cache.
_WORDS_AT_ONCE: Final = 512
#: To tell apart words by all their attributes, of which there are four at most, in one number of 64 bits.
_FACTORS: Final = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93], np.uint64)


class UnknownNetwork(ValueError):
    """A model that is not built as this module expects."""


@dataclass(frozen=True, slots=True)
class _Maxout:
    """A layer of the largest of three linear functions, normalised."""

    weights: _Floats  # inputs, then functions by outputs
    bias: _Floats
    pieces: int
    scale: _Floats
    shift: _Floats

    def __call__(self, rows: _Floats) -> _Floats:
        values = rows @ self.weights
        values += self.bias
        width = self.scale.size
        best: _Floats = values[:, :width]
        for piece in range(1, self.pieces):
            best = np.maximum(best, values[:, piece * width : (piece + 1) * width])
        best = best - best.mean(axis=1, keepdims=True)
        best *= (np.einsum("ij,ij->i", best, best)[:, None] / np.float32(width) + np.float32(1e-8)) ** np.float32(-0.5)
        best *= self.scale
        best += self.shift
        return best


class _Actions(NamedTuple):
    """What the parser may do, as columns of its scores: begin, go on, end, or be a name of each type; or nothing."""

    types: list[str]
    begin: NDArray[np.intp]
    inside: NDArray[np.intp]
    last: NDArray[np.intp]
    unit: NDArray[np.intp]
    out: int


class _WordVectors:
    """The vectors that a pipeline brings of frequent words, as a layer of the network sees them; nothing of all other words."""

    def __init__(self, vectors: Any, layer: Any, column: int) -> None:
        if vectors.mode != "default":
            raise ValueError(f"its vectors are {vectors.mode}")
        self._vectors, self._weights = vectors, layer.get_param("W").T.copy()
        self._column = column  # of the attribute by which vectors are looked up

    def of(self, attributes: NDArray[np.uint64]) -> _Floats:
        """A row for each word."""
        rows = self._vectors.find(keys=attributes[:, self._column].tolist())
        found: _Floats = self._vectors.data[rows] @ self._weights
        found[rows < 0] = 0
        return found


class NameModel:
    """The recogniser of names of a spaCy pipeline, for documents that its tokenizer made."""

    def __init__(self, recogniser: Any, shared: Any = None) -> None:
        """Takes the weights out of a spaCy `EntityRecognizer`.

        Args:
            recogniser: The part of the pipeline that finds names.
            shared: The `Tok2Vec` that it listens to, where it has no network of its own before the parser.

        Raises:
            UnknownNetwork: It has another architecture.
        """
        try:
            self._take_words(*_split_network(recogniser, shared), getattr(shared, "vocab", None))
            self._take_parser(recogniser)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise UnknownNetwork(str(error)) from error

    def _take_words(self, embed: Any, encode: Any, reduce: Any, vocabulary: Any) -> None:
        extract, tables, mix, static = _split_embedding(embed)
        self._attributes = list(map(_number_of, extract.attrs["columns"]))
        if self._attributes != _ATTRIBUTES and (static is None or len(self._attributes) > len(_FACTORS)):
            raise ValueError(f"it reads {extract.attrs['columns']}")
        self._tables = [(table.layers[1].get_param("E"), table.layers[1].attrs["seed"]) for table in tables.layers[0].layers]
        self._vectors: _WordVectors | None = None
        if static is not None:
            by = self._attributes.index(_number_of(static.attrs["key_attr"]))
            self._vectors = _WordVectors(vocabulary.vectors, static, by)
        self._mix = _maxout_of(mix.layers[0].layers[0])
        self._convolutions = [_maxout_of(layer.layers[0].layers[1].layers[0]) for layer in encode.layers[0].layers]
        #: Blank rows between texts: as many as convolutions, so that no text sees its neighbour.
        self._gap = len(self._convolutions)
        if any(layer.weights.shape[0] != 3 * layer.scale.size for layer in self._convolutions) or encode.attrs["pad"] != self._gap:
            raise ValueError("its convolutions are not over three words")
        self._reduce = reduce.get_param("W").T.copy(), reduce.get_param("b")

    def _take_parser(self, recogniser: Any) -> None:
        _, lower, upper = recogniser.model.layers
        if recogniser.model.attrs["unseen_classes"] or (lower.get_dim("nF"), lower.get_dim("nP")) != (3, 2):
            raise ValueError("its parser has other features")
        self._ops = recogniser.model.ops
        weights = lower.get_param("W")  # features, outputs, pieces, inputs
        self._features = [weight.transpose(2, 1, 0).reshape(weight.shape[2], -1).copy() for weight in weights]
        self._absent = [pad.T.reshape(-1).copy() for pad in lower.get_param("pad")[0]]
        self._lower_bias = lower.get_param("b").T.reshape(-1).copy()
        self._upper, self._upper_bias = upper.get_param("W"), upper.get_param("b")
        self._actions = _actions_of([recogniser.moves.get_class_name(n) for n in range(recogniser.moves.n_moves)])

    def recognise(self, documents: Sequence[Doc]) -> list[list[Span]]:
        """The names in each document."""
        found: list[list[Span]] = [[] for _ in documents]
        if not any(map(len, documents)):
            return found
        features = [document.to_array([*self._attributes, IS_SPACE]) for document in documents]
        vectors, numbers = self._embed(np.concatenate([table[:, :-1] for table in features]))
        first = 0
        for chunk in _chunks([len(table) for table in features]):
            lengths = [len(features[number]) for number in chunk]
            words = sum(lengths)
            read = self._convolve(vectors[numbers[first : first + words]], lengths)
            is_space = np.concatenate([features[number][:, -1] for number in chunk]).astype(np.bool_)
            starts = np.cumsum([0, *lengths])
            for start, end, kind in self._decode(read, is_space, starts[1:] - 1):
                place = int(np.searchsorted(starts, start, "right")) - 1
                document, offset = documents[chunk[place]], int(starts[place])
                token = document[end - 1 - offset]
                found[chunk[place]].append(Span(document[start - offset].idx, token.idx + len(token), kind))
            first += words
        return found

    def _embed(self, attributes: NDArray[np.uint64]) -> tuple[_Floats, NDArray[np.intp]]:
        """The vector of every different word, and for each word which of these it has."""
        _, firsts, numbers = np.unique(attributes @ _FACTORS[: len(self._attributes)], return_index=True, return_inverse=True)
        different = attributes[firsts]
        columns = []
        for column, (table, seed) in enumerate(self._tables):
            keys = self._ops.hash(np.ascontiguousarray(different[:, column]), seed) % np.uint32(len(table))
            columns.append(self._ops.gather_add(table, keys))
        if self._vectors is not None:
            columns.append(self._vectors.of(different))
        return self._mix(np.hstack(columns)), numbers

    def _convolve(self, vectors: _Floats, lengths: Sequence[int]) -> _Floats:
        """What the parser sees of each word in its surroundings."""
        width = vectors.shape[1]
        rows = np.arange(len(vectors)) + np.repeat(np.arange(1, len(lengths) + 1) * self._gap, lengths)
        values = np.zeros((len(vectors) + self._gap * (len(lengths) + 1), width), np.float32)
        values[rows] = vectors
        window = np.zeros((len(values), 3 * width), np.float32)
        for convolution in self._convolutions:
            window[1:, :width] = values[:-1]
            window[:, width : 2 * width] = values
            window[:-1, 2 * width :] = values[1:]
            values += convolution(window)
        weights, bias = self._reduce
        read: _Floats = values[rows] @ weights + bias
        return read

    def _decode(self, read: _Floats, is_space: NDArray[np.bool_], last_words: NDArray[np.intp]) -> Iterator[tuple[int, int, str]]:
        """Names as their first word, the one behind them, and their type."""
        actions = self._actions
        is_last = np.zeros(len(read), np.bool_)
        is_last[last_words] = True
        first, begun, before = (read @ weights for weights in self._features)
        scores = self._hidden(first + self._absent[1] + self._absent[2]) @ self._upper.T + self._upper_bias
        names = np.full((len(read), 2, len(actions.types)), -np.inf, np.float32)
        names[~(is_space | is_last), 0] = scores[~(is_space | is_last)][:, actions.begin]
        names[~is_space, 1] = scores[~is_space][:, actions.unit]
        flat = names.reshape(len(read), -1)
        choice = flat.argmax(axis=1)
        is_name = flat[np.arange(len(read)), choice] >= scores[:, actions.out]
        is_unit, kinds = np.divmod(choice, len(actions.types))
        starts = np.flatnonzero(is_name & (is_unit == 0))
        ends = np.arange(1, len(read) + 1)
        ends[starts] = self._find_ends(starts, kinds[starts], is_last, (first, begun, before))
        position = 0
        for start in np.flatnonzero(is_name).tolist():
            if start >= position:
                position = int(ends[start])
                yield start, position, actions.types[kinds[start]]

    def _find_ends(
        self,
        starts: NDArray[np.intp],
        kinds: NDArray[np.intp],
        is_last: NDArray[np.bool_],
        features: tuple[_Floats, _Floats, _Floats],
    ) -> NDArray[np.intp]:
        """Where the names that begin with some words end, each followed word by word, all at the same time."""
        first, begun, before = features
        ends = starts + 1
        active = np.arange(starts.size)
        while active.size:
            word, kind = ends[active], kinds[active]
            hidden = self._hidden(first[word] + begun[starts[active]] + before[word - 1])
            inside, last = (
                np.einsum("ij,ij->i", hidden, self._upper[column]) + self._upper_bias[column]
                for column in (self._actions.inside[kind], self._actions.last[kind])
            )
            ends[active] += 1
            active = active[(inside >= last) & ~is_last[word]]
        return ends

    def _hidden(self, sums: _Floats) -> _Floats:
        values = sums + self._lower_bias
        half = values.shape[1] // 2
        largest: _Floats = np.maximum(values[:, :half], values[:, half:])
        return largest


def _split_network(recogniser: Any, shared: Any) -> tuple[Any, Any, Any]:
    """What embeds words, what looks at their surroundings, and what makes these as wide as the parser takes them."""
    inner, _, reduce = recogniser.model.layers[0].layers
    if (inner.name == "tok2vec-listener") is not (shared is not None):
        raise ValueError("it listens to another part, or to none")
    embed, encode = (inner if shared is None else shared.model).layers
    return embed, encode, reduce


def _split_embedding(embed: Any) -> tuple[Any, Any, Any, Any]:
    """What reads attributes, the tables of their embeddings, what mixes these, and the vectors of words if there are any."""
    if len(embed.layers) == 5:
        extract, _, tables, mix, _ = embed.layers
        return extract, tables, mix, None
    both, mix, _ = embed.layers
    hashed, static = both.layers
    extract, _, tables = hashed.layers
    return extract, tables, mix, static


def _number_of(attribute: str | int) -> int:
    """The number of an attribute, which models call by its name, too."""
    return int(IDS[attribute] if isinstance(attribute, str) else attribute)


def _maxout_of(layer: Any) -> _Maxout:
    linear, normalise = layer.layers
    weights, bias = linear.get_param("W"), linear.get_param("b")  # outputs, pieces, inputs
    outputs, pieces, inputs = weights.shape
    return _Maxout(
        weights.transpose(2, 1, 0).reshape(inputs, pieces * outputs).copy(),
        bias.T.reshape(-1).copy(),
        pieces,
        normalise.get_param("G"),
        normalise.get_param("b"),
    )


def _actions_of(names: Sequence[str]) -> _Actions:
    types = [name[2:] for name in names if name.startswith("B-")]
    begin, inside, last, unit = (np.array([names.index(f"{action}-{kind}") for kind in types]) for action in "BILU")
    return _Actions(types, begin, inside, last, unit, names.index("O"))


def _chunks(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of documents that are read together."""
    chunk: list[int] = []
    words = 0
    for number, length in enumerate(lengths):
        if chunk and words + length > _WORDS_AT_ONCE:
            yield chunk
            chunk, words = [], 0
        chunk.append(number)
        words += length
    if chunk:
        yield chunk
