"""Keeps the process small: what a batch of articles took goes back to the system when the batch is done."""

import ctypes
import gc

# Of <malloc.h>. By default glibc learns to keep ever larger blocks for the next batch: 25 MB more, for 5 % of speed at most.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE_BYTES = 1 << 20


def give_back_memory() -> None:
    """Have the C library give large blocks back as soon as they are free. Does nothing where it is not glibc."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        set_option(_M_TRIM_THRESHOLD, _LARGE_BYTES)
        set_option(_M_ARENA_MAX, 1)  # or every thread keeps what it frees for itself; only one at a time runs Python


def give_back_rest() -> None:
    """Have everything given back that is free now, some 10 MB after the models were loaded. Does nothing where it is not glibc."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
