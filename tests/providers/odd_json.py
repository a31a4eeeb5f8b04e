"""Answers that no vendor's documentation tells of."""

import json

from hypothesis import strategies as st


def odd_json(*names: str) -> st.SearchStrategy[bytes]:
    """JSON of any kind, in which the names that a reader looks for are frequent."""
    keys = st.sampled_from(names) | st.text(max_size=3)
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    )
    return values.map(lambda value: json.dumps(value).encode()) | st.binary()
