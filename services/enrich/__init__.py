import os

# One thread multiplies matrices: they are small, and more workers make better use of more cores. numpy reads this once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
