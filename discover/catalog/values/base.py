"""What all kinds of value share: problems by row, and work on distinct values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

# In small letters: what says in any column that there is nothing...
NOTHING = frozenset((
    "", "-", "--", "---", "—", "–", "―", "−", "ー", ".", "..", "...", "…", "?", "n/a", "n.a.", "n. a.", "#n/a", "<na>",
    "\\n", "n/d", "n.d.", "n. d.", "s/d", "s.d.", "s. d.", "k.a.", "k. a.", "o.a.", "o. a.", "н/д", "н.д.",
))  # fmt: skip
# ... and what says so only where a number, a date or a file is expected: elsewhere it may be a word or a name.
MISSING = NOTHING | frozenset((
    "na", "nan", "nat", "none", "null", "nil", "unknown", "undated", "tba", "tbd", "tbc", "not available",
    "not applicable", "not known", "no data", "no date", "missing",
    "nd", "sd", "ka", "k/a", "o.d.", "o.j.", "unbekannt", "keine", "keine angabe", "keine angaben", "ohne angabe",
    "ohne datum", "nicht bekannt", "nicht verfügbar", "fehlt",
    "s/f", "s.f.", "desconocido", "desconocida", "no disponible", "no consta", "sin datos", "sin dato", "sin fecha",
    "sin información", "ninguno", "ninguna",
    "inconnu", "inconnue", "non disponible", "non renseigné", "non communiqué", "nc", "n.c.", "n/c", "sans date",
    "aucun", "aucune", "sconosciuto", "sconosciuta", "non noto", "senza data", "nessuno", "nessuna",
    "desconhecido", "desconhecida", "não disponível", "não informado", "sem dados", "sem data", "nenhum",
    "onbekend", "niet bekend", "nieznany", "nieznana", "brak", "brak danych", "okänd", "okänt", "ukendt", "ukjent",
    "неизвестно", "неизвестен", "нет данных", "нет", "不明", "不詳", "未定", "未知", "なし", "無し", "无", "暂无",
    "미정", "없음", "알 수 없음",
))  # fmt: skip


@dataclass(frozen=True)
class RowReject:
    """Something about one row that is to be reported."""

    row: int
    column: str | None
    reason: str
    value: str
    dropped: bool = False


@dataclass(frozen=True)
class Distinct:
    """A text column as its distinct values and, for each row, which of them it holds (-1 for null)."""

    values: list[str]
    codes: NDArray[np.int64]

    @classmethod
    def from_column(cls, column: pa.ChunkedArray) -> Distinct:
        """The distinct values of a string column."""
        encoded = as_strings(column).dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(encoded.dictionary.to_pylist(), codes)

    def spread(self, results: NDArray[Any], missing: Any) -> NDArray[Any]:
        """Results by distinct value (same order) -> results by row."""
        padded = np.append(results, np.asarray([missing], dtype=results.dtype))
        spread: NDArray[Any] = padded[self.codes]
        return spread

    def take(self, results: pa.Array) -> pa.Array:
        """Like `spread`, for Arrow arrays; null rows give null."""
        return results.take(pa.array(self.codes, mask=self.codes < 0))

    def rejects(self, column: str, reasons: dict[int, str]) -> list[RowReject]:
        """One problem for each row that holds a value with a reason (position of the value -> reason)."""
        if not reasons:
            return []
        rows = np.flatnonzero(np.isin(self.codes, list(reasons)))
        return [
            RowReject(int(row), column, reasons[code], self.values[code])
            for row, code in zip(rows, self.codes[rows].tolist(), strict=True)
        ]


def as_strings(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """One string array; lists become JSON."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], whole.type)
    if pa.types.is_list(whole.type):
        from discover.catalog.reading.base import text

        return pa.array([text(value) for value in whole.to_pylist()], pa.string())
    return whole


def filled(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Strings without null: empty instead."""
    return pc.fill_null(as_strings(column), "")
