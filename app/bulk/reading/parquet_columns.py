"""Decodes columns of Parquet files: any type is read as the one reader of files reads its text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.bulk.reading.feature_decoding import Decoded, FeatureDecoder
from app.customers.files.parquet_file import cell_texts


def decoded(column: pa.Array, decoder: FeatureDecoder) -> Decoded:
    """Decode the column of a feature.

    Raises:
        pa.ArrowException, ValueError, LookupError, ArithmeticError: a value cannot be read.
    """
    kind = column.type
    if decoder.typed and (pa.types.is_integer(kind) or kind in (pa.float64(), pa.float32())):
        doubles = pc.cast(column, pa.float64(), safe=False)
        values = doubles.to_numpy(zero_copy_only=False)
        known = np.isfinite(values)
        if known.all():
            return decoder.numbers(values, None)
        return decoder.numbers(np.where(known, values, np.nan), ~known)
    if pa.types.is_boolean(kind):
        texts, places = ["false", "true"], column.cast(pa.int8())
    else:
        distinct = _distinct(column)
        texts, places = cell_texts(distinct.dictionary), distinct.indices
    if places.null_count:
        places = places.fill_null(len(texts))
        texts.append("")
    return decoder.texts(texts, places)


def id_texts(column: pa.Array) -> pa.StringArray:
    """Return the column of the id as texts; nothing for one that isn't there.

    Raises:
        pa.ArrowException, ValueError, LookupError, ArithmeticError: a value cannot be read.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        column = column.dictionary_decode()
    if pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_large_string(kind):
        return pc.cast(column, pa.string()).fill_null("")
    return _texts(column)


def _distinct(column: pa.Array) -> pa.DictionaryArray:
    """Return a column by its distinct values."""
    if pa.types.is_dictionary(column.type):
        if len(column.dictionary) <= len(column):
            return column
        column = column.dictionary_decode()  # the dictionary is of other rows too
    try:
        return column.dictionary_encode()
    except pa.ArrowNotImplementedError:
        return _texts(column).dictionary_encode()


def _texts(column: pa.Array) -> pa.StringArray:
    return pa.array(cell_texts(column), pa.string())
