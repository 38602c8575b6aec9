"""Reading a file that may be packed, as a stream: never whole, and within limits of inflation (failure-modes F34)."""

import bz2
import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import zstandard

from ops.cli.news_files import NewsFile

#: News is packed four to twenty times, by the best packer; a stream that inflates more than this is a trap.
MOST_RATIO = 250
#: Below this size a high ratio does no harm.
_HARMLESS_BYTES = 64 * 1024 * 1024
#: What unpacking may keep in memory, which the file asks for: xz -9 takes 65 MB, zstd --ultra 128 MB.
_MOST_WINDOW_BYTES = 128 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
#: Of packed zstd at a time: four bytes of it may say a block of 128 kB.
_ZSTD_CHUNK_BYTES = 1024
_MAGIC = {b"\x1f\x8b": ".gz", b"BZh": ".bz2", b"\xfd7zXZ\0": ".xz", b"\x28\xb5\x2f\xfd": ".zst"}
_LONGEST_MAGIC = max(map(len, _MAGIC))


class Unreadable(Exception):
    """Why a file cannot be read, or not further than it was."""


class CountedFile(io.RawIOBase):
    """A file that says how many of its bytes were read."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        return len(data)


class _Unpacked(io.RawIOBase):
    """What a packed stream holds; raises Unreadable where it is broken or grows too much."""

    def __init__(self, stream: BinaryIO, packed: CountedFile, name: str) -> None:
        super().__init__()
        self._stream = stream
        self._packed = packed
        self._name = name
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
            raise Unreadable(f"its {self._name} data are broken or end too early ({error})") from error
        buffer[: len(data)] = data
        self._count += len(data)
        if self._count > max(_HARMLESS_BYTES, MOST_RATIO * self._packed.count):
            raise Unreadable(f"it inflates to more than {MOST_RATIO} times its size, as no news does")
        return len(data)


class _ZstdFrames(io.RawIOBase):
    """What a series of zstd frames holds; the library's own stream takes a file that was cut off for a whole one."""

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__()
        self._packed = packed
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW_BYTES)
        self._frame: Any = None
        self._left = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            packed = self._left or self._packed.read(_ZSTD_CHUNK_BYTES)
            self._left = b""
            if not packed:
                if self._frame is not None:
                    raise EOFError("a frame is not whole")
                return 0
            self._frame = self._frame or self._unpacker.decompressobj()
            self._ready = memoryview(self._frame.decompress(packed))
            if self._frame.eof:
                self._left, self._frame = self._frame.unused_data, None
        data = self._ready[: len(buffer)]
        self._ready = self._ready[len(data) :]
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def open_news_file(file: NewsFile) -> Iterator[tuple[io.BufferedReader, CountedFile]]:
    """The content of a file, unpacked, and the file itself, which knows how far it was read; Unreadable when it cannot be."""
    try:
        opened = sys.stdin.buffer if file.is_standard_input else file.path.open("rb")
    except OSError as error:
        raise Unreadable(str(error.strerror or error)) from error
    try:
        counted = CountedFile(opened)
        packed = io.BufferedReader(counted, _CHUNK_BYTES)
        yield io.BufferedReader(_unpack(packed, counted, file), _CHUNK_BYTES), counted
    finally:
        if not file.is_standard_input:
            opened.close()


def _unpack(packed: "io.BufferedReader[CountedFile]", counted: CountedFile, file: NewsFile) -> io.RawIOBase:
    try:
        start = packed.peek(_LONGEST_MAGIC)
    except OSError as error:
        raise Unreadable(str(error.strerror or error)) from error
    packing = next((ending for magic, ending in _MAGIC.items() if start.startswith(magic)), None)
    if file.packing is not None and packing is None and start:
        raise Unreadable(f"it is not packed as its ending {file.packing} says")
    if packing is None:
        return _Unpacked(packed, counted, "")
    return _Unpacked(_unpacked_stream(packed, packing), counted, packing.removeprefix("."))


def _unpacked_stream(packed: "io.BufferedReader[CountedFile]", packing: str) -> BinaryIO:
    stream: Any
    if packing == ".gz":
        stream = gzip.GzipFile(fileobj=packed)
    elif packing == ".bz2":
        stream = bz2.BZ2File(packed)
    elif packing == ".xz":
        _refuse_large_window(packed)
        stream = lzma.LZMAFile(packed)  # noqa: SIM115 - closed with the file under it
    else:
        stream = io.BufferedReader(_ZstdFrames(packed), _CHUNK_BYTES)
    result: BinaryIO = stream
    return result


def _refuse_large_window(packed: "io.BufferedReader[CountedFile]") -> None:
    try:
        lzma.LZMADecompressor(memlimit=_MOST_WINDOW_BYTES).decompress(packed.peek(_CHUNK_BYTES), max_length=1)
    except lzma.LZMAError as error:
        raise Unreadable(f"its xz data cannot be read ({error})") from error
