"""DWARF lines: each instruction's `loc` as LLVM's debug metadata."""

from __future__ import annotations

from typing import Final, final

from irpass.diagnostics import Loc
from irpass.ir.core import Func
from irpass.native.quoting import quoted

_FIRST: Final = 10  # lower numbers are the module's other metadata


@final
class DebugInfo:
    """The metadata of one module while it is lowered."""

    def __init__(self) -> None:
        self._nodes: list[str] = []
        self._known: dict[tuple[object, ...], int] = {}
        self._unit: int | None = None

    def subprogram(self, func: Func, name: str | None = None) -> int | None:
        """The node of a function some instruction of which has a `loc`; None for others. With a `name`, that of a
        function which only calls `func`, and may come to hold its code."""
        first = next((instr.loc for instr in func.instrs() if instr.loc is not None), None)
        if first is None:
            return None
        file = self._file(first.file)
        if self._unit is None:
            self._unit = self._node(
                f'distinct !DICompileUnit(language: DW_LANG_C99, file: !{file}, producer: "irpass", '
                "isOptimized: true, runtimeVersion: 0, emissionKind: LineTablesOnly)"
            )
        empty = self._once(("types",), "!{null}")
        kind = self._once(("type",), f"!DISubroutineType(types: !{empty})")
        shown = func.name if name is None else name
        key = ("function", func.name, name)
        return self._once(
            key,
            f"distinct !DISubprogram(name: {quoted(shown)}, scope: !{file}, file: !{file}, line: {first.line}, "
            f"type: !{kind}, scopeLine: {first.line}, spFlags: DISPFlagDefinition, unit: !{self._unit})",
        )

    def location(self, scope: int, loc: Loc | None) -> int:
        """The node of a place in the function with the subprogram `scope`; of line 0 where there is no `loc`."""
        if loc is None:
            return self._once((scope, 0, 0), f"!DILocation(line: 0, scope: !{scope})")
        file = self._file(loc.file)
        within = self._once((scope, file), f"!DILexicalBlockFile(scope: !{scope}, file: !{file}, discriminator: 0)")
        return self._once((within, loc.line, loc.column), _location(loc, within))

    def text(self) -> str:
        """What ends the module."""
        if self._unit is None:
            return ""
        flags = self._node('!{i32 7, !"Dwarf Version", i32 4}'), self._node('!{i32 2, !"Debug Info Version", i32 3}')
        named = f"!llvm.dbg.cu = !{{!{self._unit}}}\n!llvm.module.flags = !{{!{flags[0]}, !{flags[1]}}}\n"
        return named + "".join(f"!{_FIRST + i} = {node}\n" for i, node in enumerate(self._nodes))

    def _file(self, name: str) -> int:
        return self._once(("file", name), f'!DIFile(filename: {quoted(name)}, directory: ".")')

    def _once(self, key: tuple[object, ...], node: str) -> int:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._node(node)
        return found

    def _node(self, node: str) -> int:
        self._nodes.append(node)
        return _FIRST + len(self._nodes) - 1


def _location(loc: Loc, scope: int) -> str:
    line, column = min(loc.line, (1 << 32) - 1), min(loc.column, (1 << 16) - 1)  # what LLVM has room for
    return f"!DILocation(line: {line}, column: {column}, scope: !{scope})"
