"""Random programs: valid, ending, and made of what folding is about.

    module = random_program(7)
    for args in random_inputs(module, 7):
        print(ip.run(module, *args, externs=Host(module).externs, max_steps=10_000))

One seed gives one program, in every process. A program has a `main` and a few helpers that allocate, free, store, give
back what they got, or call themselves. Each has habits of its own (swarm testing), so that some lack what others have
in plenty; half of them take no risks, and so mostly run to their ends.

Source: Groce, Zhang, Eide, Chen and Regehr, "Swarm testing", 2012.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from irpass.diagnostics import Loc
from irpass.ir.builder import Builder
from irpass.ir.core import Instr, Module
from irpass.ir.types import BOOL, BYTES, I64, PointerType, ScalarType, SliceType, StructType, Type
from irpass.testing.functions import add_helper, add_main
from irpass.testing.program import SLICES, Callee, Options, Program

_WEIGHTS = {
    "allocate": 6.0, "burst": 3.0, "access": 6.0, "arithmetic": 3.0, "compare": 0.7, "print": 1.5, "reslice": 1.5,
    "grow": 1.2, "bulk": 0.8, "point": 1.0, "put": 1.8, "get": 1.5, "select": 0.8, "free": 1.5, "call": 2.0,
    "branch": 1.6, "switch": 0.4, "loop": 1.2, "guard": 0.7, "free_on_paths": 0.8, "bail": 0.4,
    "loaded": 1.2, "turns": 0.8, "stash": 0.8, "text": 0.5,
}  # fmt: skip
_EXTERN_ATTRIBUTES = (("pure",), ("nocapture", "nofree"), ("nocapture", "nofree"), ("nofree",), ("nocapture",), ())
_DEFAULT = Options()


def random_program(seed: int, options: Options = _DEFAULT) -> Module:
    """The program of that seed."""
    rng = random.Random(seed)
    program = _new_program(rng, options)
    for _ in range(program.below(options.helpers + 1)):
        add_helper(program)
    add_main(program)
    _finish(program)
    return program.builder.module


def random_inputs(module: Module, seed: int, count: int = 2, entry: str = "main") -> list[list[object]]:
    """Arguments for `count` runs of the entry function; one empty list where it takes none."""
    func = module.func(entry)
    assert func is not None
    if not func.params:
        return [[]]
    rng = random.Random(seed)
    return [[_argument(p.type, rng) for p in func.params] for _ in range(count)]


def _argument(t: Type, rng: random.Random) -> object:
    if isinstance(t, ScalarType):
        if t is BOOL:
            return rng.random() < 0.5
        if t.kind == "float":
            return rng.choice((0.0, 1.5, -2.0))
        value = (
            rng.randrange(14) if rng.random() < 0.85 else rng.choice((-1, 100, 700, 4096, 5000, 1 << 45, t.lo, t.hi))
        )
        return max(t.lo, min(t.hi, value))
    if isinstance(t, SliceType) and isinstance(t.elem, ScalarType) and rng.random() < 0.9:
        return [_argument(t.elem, rng) for _ in range(rng.randrange(1, 7))]
    return None


def _new_program(rng: random.Random, options: Options) -> Program:
    habits = {name: weight * rng.choice((0.0, 0.5, 1.0, 1.0, 2.0)) for name, weight in _WEIGHTS.items()}
    for always in ("allocate", "access"):
        habits[always] = max(habits[always], _WEIGHTS[always] / 2)
    habits["runtime"] = rng.choice((0.0, 0.6, 1.0, 1.6))
    habits["uninit"] = rng.choice((0.0, 0.05, 0.1, 0.4))
    habits["near"] = rng.choice((0.0, 0.02, 0.05, 0.3))
    risk = options.risk if rng.random() < options.risky else 0.0
    program = Program(rng, options, Builder(), risk, habits)
    for _ in range(rng.choice((0, 1, 1, 2))):
        _struct(program)
    if options.externs and rng.random() < 0.35:
        for _ in range(rng.choice((1, 2))):
            _extern(program)
    return program


def _struct(program: Program) -> None:
    number = len(program.structs)
    own = StructType(f"s{number}")
    fields: list[Type] = []
    for _ in range(program.below(4) + (not program.chance(0.05))):
        roll = program.rng.random()
        if roll < 0.1:
            fields.append(PointerType(own))
        elif roll < 0.2 and program.structs:
            fields.append(program.pick(list(program.structs)))
        elif roll < 0.45:
            fields.append(SliceType(program.scalar_type()))
        else:
            fields.append(program.scalar_type())
    program.builder.struct(own.symbol, fields)
    program.structs[own] = tuple(fields)


def _extern(program: Program) -> None:
    number = len(program.builder.module.decls)
    if program.chance(0.3):  # a host that keeps what it gets, and gives it back
        t = program.pick(SLICES)
        keep = program.builder.extern(f"keep{number}", [t], None, ("nofree",))
        last = program.builder.extern(f"last{number}", [], t, program.pick(((), ("nofree",))))
        program.callees += [Callee(keep), Callee(last), Callee(last)]
        return
    params = [program.pick((I64, SliceType(I64), SliceType(I64), BYTES)) for _ in range(1 + program.below(2))]
    result = program.pick((I64, I64, SliceType(I64), None))
    attributes = program.pick(_EXTERN_ATTRIBUTES)
    if result is None and "pure" in attributes:
        result = I64
    if program.chance(0.04):
        result, attributes = None, ("noreturn",)
    func = program.builder.extern(f"host{number}", params, result, attributes)
    program.callees.append(Callee(func))


def _finish(program: Program) -> None:
    """Give instructions their places, and take the names of some results that nobody uses."""
    share = program.pick((0.0, 0.9, 1.0)) if program.options.locs else 0.0
    for number, instr in enumerate(_instrs(program.builder.module), 1):
        if program.chance(share):
            instr.loc = Loc("main.go", number, 1 + number % 7)
        if instr.result is not None and not instr.result.uses and program.chance(0.05):
            assert instr.block is not None
            instr.block.func.names.discard(instr.result.name)
            instr.result = None


def _instrs(module: Module) -> Iterator[Instr]:
    for func in module.funcs:
        yield from func.instrs()
