"""What each space should say, computed pair by pair from the rows themselves: similarity, coverage."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from discover.search.spaces.lexical import MAX_SHARE, ROLES, tokens
from discover.search.spaces.metadata import WEIGHTS, YEARS

K1, B = 1.5, 0.75  # bm25s' defaults


def compare(items):
    """Space -> (similarities, coverage), both (n, n), of all items against all."""
    return {"text": _vectors(items), "lexical": _lexical(items), "metadata": _metadata(items)}


def _pairs(count, pair):
    found = np.array([[pair(i, j) for j in range(count)] for i in range(count)], dtype=np.float64)
    return found[..., 0], found[..., 1]


def _vectors(items):
    made = {}
    for row, item in enumerate(items):
        if item.get("seed") is not None:
            drawn = np.random.default_rng(item["seed"]).normal(size=8)
            made[row] = drawn / np.linalg.norm(drawn)
    return _pairs(len(items), lambda i, j: (made[i] @ made[j], 1) if i in made and j in made else (0, 0))


def _words(item):
    cells = [item.get(role) or "" for role in ROLES]
    return tokens("\n".join(cell if isinstance(cell, str) else "\n".join(cell) for cell in cells))


def _lexical(items):
    texts = [_words(item) for item in items]
    having = Counter(word for text in texts for word in set(text))
    usual = sum(map(len, texts)) / len(texts)
    weighed = []
    for text in texts:
        weights = {}
        for word, times in Counter(text).items():
            if having[word] <= max(MAX_SHARE * len(items), 1):
                rare = math.log(1 + (len(items) - having[word] + 0.5) / (having[word] + 0.5))
                weights[word] = math.sqrt(rare) * times / (times + K1 * (1 - B + B * len(text) / usual))
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        weighed.append({word: weight / length for word, weight in weights.items()})

    def pair(i, j):
        a, b = weighed[i], weighed[j]
        return sum(a[word] * b[word] for word in a.keys() & b.keys()), bool(a and b)

    return _pairs(len(items), pair)


def _metadata(items):
    fields = {}
    for role in WEIGHTS:
        if role != "released":
            cells = [item.get(role) or [] for item in items]
            cells = [[cell] if isinstance(cell, str) else cell for cell in cells]
            sets = [{value.casefold() for value in cell if value.strip()} for cell in cells]
            if len(set().union(*sets)) > 1:
                fields[role] = sets
    dated = any(item.get("released") for item in items)
    whole = sum(WEIGHTS[role] for role in fields) + WEIGHTS["released"] * dated
    rare = {
        role: {value: math.log(1 + len(items) / many) for value, many in Counter(v for s in sets for v in s).items()}
        for role, sets in fields.items()
    }

    def pair(i, j):
        total = weight = 0.0
        for role, sets in fields.items():
            a, b = sets[i], sets[j]
            if a and b:
                size = math.sqrt(sum(rare[role][v] ** 2 for v in a) * sum(rare[role][v] ** 2 for v in b))
                total += WEIGHTS[role] * sum(rare[role][v] ** 2 for v in a & b) / size
                weight += WEIGHTS[role]
        days = items[i].get("released"), items[j].get("released")
        if all(days):
            months = abs((days[0].year - days[1].year) * 12 + days[0].month - days[1].month)
            total += WEIGHTS["released"] * math.exp(-months / 12 / YEARS)
            weight += WEIGHTS["released"]
        return (total / weight, weight / whole) if weight else (0, 0)

    return _pairs(len(items), pair)
