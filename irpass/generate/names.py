"""Names that the generated code can take from a spec: its own, and those of its allocators."""

from __future__ import annotations

import re

# What the generated files declare for each allocator, and beside the allocators, under the same prefix.
_VERBS = frozenset({"alloc", "free", "resize", "grow", "copy", "append", "bytes", "take", "give"})
_RESERVED = re.compile(
    "error|stats|class|cache|total|chunk|last|thread|trim|report|on|ok|leaf|map|self|empty|allocator|"
    "bad_length|no_memory|not_ours|other_allocator|not_live|past_block|allocator_count|h|"
    "new_cache|stats_of|stats_print|set_report|last_error|err_.*"
)
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*")
_GO_KEYWORD = re.compile(
    "break|case|chan|const|continue|default|defer|else|fallthrough|for|func|go|goto|if|import|interface|map|package|"
    "range|return|select|struct|switch|type|var|main"
)


def is_name(name: str) -> bool:
    """Whether it can be a part of names in every target."""
    return _NAME.fullmatch(name) is not None


def is_prefix(name: str) -> bool:
    """Whether it can also stand before all names, and name a Go package."""
    return is_name(name) and not _GO_KEYWORD.fullmatch(name)


def is_reserved(name: str) -> bool:
    """Whether the generated code has it for itself."""
    return _RESERVED.fullmatch(name) is not None


def split_verb(name: str) -> tuple[str, str] | None:
    """The allocator and the verb where `name` is also what the code calls a function of another; else None."""
    first, _, verb = name.rpartition("_")
    return (first, verb) if verb in _VERBS else None
