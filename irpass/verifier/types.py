"""Types and structs: V01 to V04."""

from __future__ import annotations

from irpass.ir.core import Module, Struct
from irpass.ir.layout import MAX_BYTES, LayoutError, Layouts
from irpass.ir.types import ARENA, PointerType, SliceType, StructType, Type
from irpass.verifier.log import Finding, Log, breach


class Types:
    """Which types are well formed; each is looked at once, however many instructions name it."""

    def __init__(self, module: Module, log: Log) -> None:
        self._module = module
        self._log = log
        self._known: dict[Type, tuple[Finding, ...]] = {}
        self.layouts = Layouts(module)

    def findings(self, t: Type) -> tuple[Finding, ...]:
        """The breaches of V01 and V03 in `t` itself, which is not `arena` where that is allowed."""
        wraps: list[Type] = []
        inner = t
        while inner not in self._known and isinstance(inner, SliceType | PointerType):
            wraps.append(inner)
            inner = inner.elem
        found = self._known.get(inner)
        if found is None:
            found = self._known[inner] = self._innermost(inner)
        for wrap in wraps:
            self._known[wrap] = found
        return found

    def _innermost(self, t: Type) -> tuple[Finding, ...]:
        if t is ARENA:
            note = "an arena lives in the function that allocates it"
            return (breach("V03", "an arena cannot be stored, passed or returned", note),)
        if isinstance(t, StructType) and self._module.struct(t.symbol) is None:
            if t.symbol in self._module.decls:
                return (breach("V01", f"@{t.symbol} is a function, not a type"),)
            return (breach("V01", f"type @{t.symbol} is not declared", f"declare it: type @{t.symbol} = {{ i64 }}"),)
        return ()

    def align_bytes(self, t: Type) -> int:
        """The alignment of `t`; 1 where a breach elsewhere leaves it without a layout."""
        try:
            return self.layouts.of(t).align_bytes
        except LayoutError:
            return 1

    def check_structs(self) -> None:
        structs = {s.name: s for s in self._module.structs}
        for struct in structs.values():
            for field in dict.fromkeys(struct.fields):
                for finding in self.findings(field):
                    self._log.decl(struct, finding)
        cyclic = self._cyclic(structs)
        for struct in structs.values():
            if struct.name in cyclic:
                note = f"hold it by pointer: *@{cyclic[struct.name]}"
                self._log.decl(struct, breach("V02", f"type @{struct.name} contains itself", note))
                continue
            try:
                sizes = [self.layouts.of(f).size_bytes for f in struct.fields]
                size = self.layouts.of(StructType(struct.name)).size_bytes
            except LayoutError:
                continue  # reported as V01, V02 or V03
            if size > MAX_BYTES and max(sizes, default=0) <= MAX_BYTES:  # not again for every struct around it
                self._log.decl(struct, breach("V04", f"type @{struct.name} is larger than 2^47 bytes"))

    def _cyclic(self, structs: dict[str, Struct]) -> dict[str, str]:
        """The structs that contain themselves, each with the field's struct that closes or continues its cycle."""
        inner = {
            name: [f.symbol for f in dict.fromkeys(s.fields) if isinstance(f, StructType) and f.symbol in structs]
            for name, s in structs.items()
        }
        cyclic: dict[str, str] = {}
        for component in _components(inner):
            members = set(component)
            for name in component:
                nexts = [n for n in inner[name] if n in members]
                if nexts and (len(component) > 1 or nexts[0] == name):
                    cyclic[name] = nexts[0]
        return cyclic


def _components(graph: dict[str, list[str]]) -> list[list[str]]:
    """The strongly connected components (Tarjan's, with a stack of its own)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    closed: set[str] = set()
    components: list[list[str]] = []
    for root in graph:
        work = [(root, iter(graph[root]))] if root not in number else []
        while work:
            name, rest = work[-1]
            if name not in number:
                number[name] = low[name] = len(number)
                path.append(name)
            child = next(rest, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == number[name]:
                    at = len(path) - 1
                    while path[at] != name:
                        at -= 1
                    components.append(path[at:])
                    closed.update(path[at:])
                    del path[at:]
            elif child not in number:
                work.append((child, iter(graph[child])))
            elif child not in closed:
                low[name] = min(low[name], number[child])
    return components
