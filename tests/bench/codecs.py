"""What other ways of keeping a village's numbers would take: the figures behind a decision.

python -m tests.bench.codecs        needs zstandard and pcodec
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import pcodec
import zstandard

from collector.series import codec
from collector.series.runs import as_ints
from tests.bench.trace import trace

Column = np.ndarray
ZSTD = zstandard.ZstdCompressor(level=9)
PCO = pcodec.ChunkConfig(compression_level=8)


def main() -> int:
    for minutes, villages, label in ((60, 20, "hour"), (1440, 3, "day")):
        values = [trace(minutes, seed)[1] for seed in range(villages)]
        for name, encode in CANDIDATES.items():
            began = time.process_time()
            size = sum(encode(village) for village in values)
            spent = (time.process_time() - began) / villages * 1000
            print(
                f"{label:5} {name:34} {size / sum(v.size for v in values):6.3f} B {spent:8.2f} ms"
            )
    return 0


def each(shrink: Callable[[Column], bytes]) -> Callable[[np.ndarray], int]:
    return lambda values: sum(len(shrink(np.ascontiguousarray(c))) for c in values.T)


def whole(column: Column) -> Column:
    """The column as whole numbers of its quantum."""
    numbers: Column = as_ints(column.reshape(-1, 1))[0][:, 0]
    return np.ascontiguousarray(numbers)


def shuffled(words: Column) -> bytes:
    return ZSTD.compress(words.view(np.uint8).reshape(-1, 8).T.tobytes())


def xor_zstd(column: Column) -> bytes:
    bits = column.view(np.uint64)
    return shuffled(np.concatenate([bits[:1], bits[1:] ^ bits[:-1]]))


def delta(column: Column) -> Column:
    steps = np.diff(whole(column), prepend=0)
    zigzag: Column = ((steps << 1) ^ (steps >> 63)).astype(np.uint64)
    return zigzag


def grouped(values: np.ndarray) -> int:
    """Eight columns to a zstd frame."""
    columns = [delta(np.ascontiguousarray(c)) for c in values.T]
    return sum(len(shuffled(np.concatenate(columns[i : i + 8]))) for i in range(0, 60, 8))


def pco_bare(column: Column) -> bytes:
    """Without the head of a standalone file."""
    spec = pcodec.ChunkConfig(
        compression_level=8, paging_spec=pcodec.PagingSpec.equal_pages_up_to(1 << 20)
    )
    chunk = pcodec.wrapped.FileCompressor().chunk_compressor(whole(column), spec)
    head: bytes = chunk.write_meta()
    body: bytes = chunk.write_page(0)
    return head + body


CANDIDATES: dict[str, Callable[[np.ndarray], int]] = {
    "zstd of the floats": each(lambda c: ZSTD.compress(c.tobytes())),
    "xor, shuffled, zstd": each(xor_zstd),
    "whole, differences, shuffled, zstd": each(lambda c: shuffled(delta(c))),
    "the same, eight columns together": grouped,
    "pcodec of the floats": each(lambda c: pcodec.standalone.simple_compress(c, PCO)),
    "pcodec of whole numbers": each(lambda c: pcodec.standalone.simple_compress(whole(c), PCO)),
    "the same, without file heads": each(pco_bare),
    "ours": lambda values: sum(map(len, codec.encode_columns(values))),
}

if __name__ == "__main__":
    sys.exit(main())
