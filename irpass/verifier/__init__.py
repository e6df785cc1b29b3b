"""What makes a module a program: every breach of these rules is reported, not only the first.

Types and declarations
  V01  A type names only structs that the module declares.
  V02  No struct contains itself by value.
  V03  An arena is nowhere but in the result of `shared.alloc` and the first operand of `derive` and `shared.*`.
  V04  No struct is larger than 2^47 bytes.
  V05  Names are spelled as the grammar spells them.
  V06  Names are unique: values and labels in their function, declarations in the module.
  V07  A function has a body unless it is extern; attributes are known, given once, and those of externs.

Blocks
  V08  The entry block has no parameters and no predecessors.
  V09  A block ends in a terminator, and has no other.
  V14  A branch goes to blocks of its function, with the number and types of arguments that their parameters have.
  V15  The cases of a switch differ, and fit the type that it is on.

Instructions
  V10  The types of operands and result are those of `irpass.ir.signatures`.
  V11  A literal fits its type.
  V12  A literal stands only where its type follows, so that the text reads back as the same module.
  V13  A slice is compared only with nil.
  V16  A callee is declared, and a function.
  V17  A definition dominates its uses (in blocks that can be reached; elsewhere it need only exist).
  V19  The last word is one that the instruction may have: `uninit`, for a `derive` also `zero`.
  V20  The options of a `shared.alloc`: align a power of two, limit from 0, count from 1, both i64.
  V21  The arena of a `derive`, `shared.release` or `shared.free` is the result of a `shared.alloc`.
  V22  A literal offset of a `derive` is a multiple of the element's alignment, and so is the arena's alignment.

Bookkeeping, which text cannot break but a pass can
  V18  `Value.uses` counts exactly the operands; every name is marked as taken.
  V23  Links point back (instruction to block, block to function, result to instruction), and the parts of an
       instruction are those that its operation has.

Not checked: what depends on run-time values (bounds, the number of releases); whether derived members overlap or leave
their arena (the independent checker does that); whether an extern's attributes are true; `line` numbers; epochs.

Needs nothing of the module but that its objects have their attributes. Time is near-linear in instructions.
"""

from __future__ import annotations

from typing import Final

from irpass.diagnostics import Diagnostic, VerifyError
from irpass.ir import names
from irpass.ir.core import Func, Module, Struct
from irpass.verifier.body import BodyCheck
from irpass.verifier.forms import Forms
from irpass.verifier.log import PASS_BUG, Log, breach
from irpass.verifier.types import Types

ATTRIBUTES: Final = ("pure", "nocapture", "nofree", "noreturn")


def verify(module: Module) -> list[Diagnostic]:
    """Every breach of the rules, in the order of the text; empty for a module that keeps them all."""
    log = Log(module)
    types = Types(module, log)
    types.check_structs()
    forms = Forms(module, types)
    for func in _check_declarations(module, types, log):
        BodyCheck(func, types, forms, log).run()
    return log.sorted()


def check(module: Module) -> None:
    """Nothing, if the module keeps all rules.

    Raises: VerifyError with every breach.
    """
    found = verify(module)
    if found:
        raise VerifyError(found)


def _check_declarations(module: Module, types: Types, log: Log) -> list[Func]:
    """Check the heads of all declarations; gives the functions whose bodies can be checked."""
    bodies = []
    for key, decl in module.decls.items():
        if not names.SYMBOL.fullmatch(decl.name):
            log.decl(decl, breach("V05", f"{decl.name!r} is no name", "names are of A-Z a-z 0-9 _ $ and ."))
        if key != decl.name:
            log.decl(decl, breach("V06", f"@{decl.name} is declared under the name @{key}", PASS_BUG))
        if isinstance(decl, Struct):
            continue
        for t in dict.fromkeys([p.type for p in decl.params] + ([decl.result] if decl.result is not None else [])):
            for finding in types.findings(t):
                log.decl(decl, finding)
        for attr in decl.attrs:
            if attr not in ATTRIBUTES:
                note = f"attributes are {', '.join(ATTRIBUTES)}"
                log.decl(decl, breach("V07", f"{attr!r} is no attribute", note))
        if len(set(decl.attrs)) != len(decl.attrs):
            log.decl(decl, breach("V07", "an attribute is given twice"))
        if decl.module is not module:
            log.decl(decl, breach("V23", f"@{decl.name} belongs to another module", PASS_BUG))
        if decl.is_extern:
            if decl.blocks:
                log.decl(decl, breach("V07", f"the extern function @{decl.name} has blocks"))
            continue
        if decl.attrs:
            note = "what a function with a body does is seen in it"
            log.decl(decl, breach("V07", f"@{decl.name} is not extern and has attributes", note))
        if not decl.blocks:
            log.decl(decl, breach("V07", f"@{decl.name} has no blocks", "for a function from outside: extern func"))
        else:
            bodies.append(decl)
    return bodies
