"""Which statements end their function: Go demands that one of them ends a function with results."""

from __future__ import annotations

from samples.minigo import syntax as s


def ends(node: s.Stmt | None) -> bool:
    """Whether nothing runs after the statement, by the rules of Go's reference."""
    if isinstance(node, s.Block):
        return bool(node.body) and ends(node.body[-1])
    if isinstance(node, s.Return):
        return True
    if isinstance(node, s.ExprStmt):
        return isinstance(node.expr, s.Call) and node.expr.builtin == "panic"
    if isinstance(node, s.If):
        return ends(node.then) and ends(node.other)
    if isinstance(node, s.For):
        return node.cond is None and not node.has_break
    if isinstance(node, s.Switch):
        has_default = any(clause.values is None for clause in node.clauses)
        return has_default and not node.has_break and all(ends(clause.body) for clause in node.clauses)
    return ends(node.stmt) if isinstance(node, s.Labeled) else False
