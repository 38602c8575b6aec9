"""A hash table of fixed size in one block of memory: a fifth of what a dict of small objects takes."""

#: Of the rows that there are, those that are filled: beyond it looking things up takes ever longer.
_FILLED = 0.6
_TAKEN = b"\x01"


class FixedTable:
    """Values of `value_bytes` bytes under keys of `key_bytes` bytes, by linear probing."""

    def __init__(self, most: int, key_bytes: int, value_bytes: int) -> None:
        """An empty table for `most` keys. Its memory is not touched, and so not taken, before it is filled."""
        self._most = most
        self._rows = int(most / _FILLED) + 1
        self._value_at = 1 + key_bytes
        self._row_bytes = 1 + key_bytes + value_bytes
        self._block = bytearray(self._rows * self._row_bytes)  # a row that is taken begins with a 1
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def has_room(self, keys: int) -> bool:
        """Whether it takes so many more keys."""
        return self._count + keys <= self._most

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        at, found = self._find(key)
        return bytes(self._block[at + self._value_at : at + self._row_bytes]) if found else None

    def put(self, key: bytes, value: bytes) -> None:
        """Set the value of a key; OverflowError for a new key in a table that is full."""
        at, found = self._find(key)
        if not found:
            if self._count >= self._most:
                raise OverflowError(f"the table holds its {self._most} keys already")
            self._count += 1
        self._block[at : at + self._row_bytes] = _TAKEN + key + value

    def _find(self, key: bytes) -> tuple[int, bool]:
        """Where the key stands, or would stand."""
        block, width, rows = self._block, self._row_bytes, self._rows
        row = hash(key) % rows  # keyed anew in every process: nobody can choose keys that collide
        while True:
            at = row * width
            if not block[at]:
                return at, False
            if block.startswith(key, at + 1):
                return at, True
            row = (row + 1) % rows
