"""Programs of a given size, the same mix of instructions in irpass's language and in MLIR's."""

from __future__ import annotations


def mixed_program(instructions: int, per_function: int) -> str:
    """About `instructions` instructions in irpass's language, in functions of about `per_function` each."""
    out: list[str] = []
    written = functions = 0
    while written < instructions:
        size = min(per_function, instructions - written)
        out += _function(functions, size)
        written += size
        functions += 1
    return "\n".join(out) + "\n"


def _function(number: int, size: int) -> list[str]:
    out = [f"func @f{number}(%n: i64, %s: []i64) -> i64 {{", "entry:", "  %v0 = add %n, 1"]
    count, i, last = 1, 0, "v0"
    while count < size - 1:
        i += 1
        kind = i % 8
        name = f"v{i}"
        if kind == 0:
            out += [f"  %a{i} = make []i64, {i % 60 + 1}", f"  %b{i} = make []i64, 4", f"  store %a{i}[0], %{last}"]
            out += [f"  store %b{i}[1], %n", f"  %{name} = load %a{i}[0]"]
            count += 5
        elif kind == 4:
            out += [f"  %c{i} = lt %{last}, %n", f"  br_if %c{i}, b{i}(%{last}), b{i}(%n)", f"b{i}(%{name}: i64):"]
            count += 2
        elif kind == 2:
            out.append(f"  %{name} = load %s[%{last}]")
            count += 1
        elif kind == 6:
            out += [f"  store %s[{i}], %{last}", f"  %{name} = add %{last}, {i}"]
            count += 2
        else:
            op = ("add", "mul", "xor", "sub")[kind // 2]
            out.append(f"  %{name} = {op} %{last}, {'%n' if kind == 1 else i}")
            count += 1
        last = name
    return [*out, f"  ret %{last}", "}", ""]


def straight_program(instructions: int) -> str:
    """One function of one block, with an allocation every ten instructions."""
    out = ["func @main(%n: i64) -> i64 {", "entry:", "  %v0 = add %n, 1"]
    last = "v0"
    for i in range(1, instructions - 1):
        if i % 10 == 0:
            out.append(f"  %a{i} = make []i64, {i % 50 + 1}")
        elif i % 10 == 1 and i > 10:
            out.append(f"  store %a{i - 1}[0], %{last}")
        else:
            out.append(f"  %v{i} = {('add', 'xor', 'mul')[i % 3]} %{last}, {'%n' if i % 2 else i}")
            last = f"v{i}"
    return "\n".join([*out, f"  ret %{last}", "}", ""])


def block_chain(blocks: int) -> str:
    """One function of `blocks` blocks, each a step of one long chain with a way out."""
    out = ["func @main(%n: i64) -> i64 {", "entry:", "  br b0(%n)"]
    for i in range(blocks):
        out += [f"b{i}(%x{i}: i64):", f"  %y{i} = xor %x{i}, %n", f"  %c{i} = lt %y{i}, {i}"]
        out.append(f"  br_if %c{i}, done(%y{i}), {f'b{i + 1}' if i + 1 < blocks else 'done'}(%x{i})")
    return "\n".join([*out, "done(%z: i64):", "  ret %z", "}", ""])


def expression_chain(depth: int) -> str:
    """One expression, each step using the one before twice."""
    out = ["func @main(%n: i64) -> i64 {", "entry:", "  %v0 = add %n, 1"]
    out += [f"  %v{i} = mul %v{i - 1}, %v{i - 1}" for i in range(1, depth)]
    return "\n".join([*out, f"  ret %v{depth - 1}", "}", ""])


def mlir_program(operations: int, per_function: int) -> str:
    """About `operations` operations of the dialects func, arith, cf and memref: the same mix."""
    out: list[str] = ["builtin.module {"]
    written = functions = 0
    while written < operations:
        size = min(per_function, operations - written)
        out += _mlir_function(functions, size)
        written += size
        functions += 1
    return "\n".join([*out, "}", ""])


def _mlir_function(number: int, size: int) -> list[str]:
    out = [f"func.func @f{number}(%n: i64, %s: memref<?xi64>, %k: index) -> i64 {{"]
    out += ["  %one = arith.constant 1 : i64", "  %v0 = arith.addi %n, %one : i64"]
    count, i, last = 2, 0, "v0"
    while count < size - 1:
        i += 1
        kind = i % 8
        name = f"v{i}"
        if kind == 0:
            shape = f"memref<{i % 60 + 1}xi64>"
            out += [f"  %a{i} = memref.alloc() : {shape}", f"  %b{i} = memref.alloc() : memref<4xi64>"]
            out += [f"  memref.store %{last}, %a{i}[%k] : {shape}", f"  memref.store %n, %b{i}[%k] : memref<4xi64>"]
            out.append(f"  %{name} = memref.load %a{i}[%k] : {shape}")
            count += 5
        elif kind == 4:
            out.append(f"  %c{i} = arith.cmpi slt, %{last}, %n : i64")
            out.append(f"  cf.cond_br %c{i}, ^b{i}(%{last} : i64), ^b{i}(%n : i64)")
            out.append(f"^b{i}(%{name}: i64):")
            count += 2
        elif kind == 2:
            out.append(f"  %{name} = memref.load %s[%k] : memref<?xi64>")
            count += 1
        elif kind == 6:
            out += [f"  memref.store %{last}, %s[%k] : memref<?xi64>", f"  %{name} = arith.addi %{last}, %one : i64"]
            count += 2
        else:
            op = ("addi", "muli", "xori", "subi")[kind // 2]
            out.append(f"  %{name} = arith.{op} %{last}, %n : i64")
            count += 1
        last = name
    return [*out, f"  func.return %{last} : i64", "}"]
