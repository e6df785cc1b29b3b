"""Instructions a second against xDSL's operations a second in the same run, growth, and memory.

    python -m tests.benchmarks.throughput               the table (needs the extra `peers`)
    python -m tests.benchmarks.throughput --smoke       small sizes, irpass alone: for CI

Each figure is the best of `--repeat` runs in this process, garbage collection off while a run is timed (as `timeit`
does). xDSL parses, verifies and prints the same mix of operations in the dialects func, arith, cf and memref.
"""

from __future__ import annotations

import argparse
import gc
import io
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import irpass as ip
from irpass.passes.pipeline import count_instrs
from tests.benchmarks.programs import block_chain, expression_chain, mixed_program, mlir_program, straight_program


def seconds(work: Callable[[], object], repeat: int) -> float:
    """The least processor time that one call of `work` took: others on the machine do not count."""
    best = float("inf")
    for _ in range(repeat):
        gc.collect()
        gc.disable()
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
        gc.enable()
    return best


def everything(text: str) -> str:
    """Parse, verify, optimize, print."""
    module = ip.parse(text)
    ip.optimize(module)
    return ip.print_module(module)


def xdsl_rates(operations: int, repeat: int) -> tuple[float, float]:
    """xDSL's operations a second: parsing, and parsing with verifying and printing."""
    from xdsl.context import Context
    from xdsl.dialects.arith import Arith
    from xdsl.dialects.builtin import Builtin
    from xdsl.dialects.cf import Cf
    from xdsl.dialects.func import Func
    from xdsl.dialects.memref import MemRef
    from xdsl.parser import Parser
    from xdsl.printer import Printer

    text = mlir_program(operations, 200)
    context = Context()
    for dialect in (Builtin, Func, Arith, Cf, MemRef):
        context.load_dialect(dialect)

    def parse() -> object:
        return Parser(context, text).parse_module()

    def all_three() -> None:
        module = Parser(context, text).parse_module()
        module.verify()
        Printer(stream=io.StringIO()).print_op(module)

    count = sum(1 for _ in Parser(context, text).parse_module().walk())
    return count / seconds(parse, repeat), count / seconds(all_three, repeat)


def peak_bytes_per_instruction(instructions: int) -> float:
    """The most memory of a process that optimizes a program, over one that only imports, by instruction."""
    code = (
        "import re, sys, irpass as ip; from tests.benchmarks.programs import mixed_program\n"
        "n = int(sys.argv[1]); ip.optimize(ip.parse(mixed_program(10, 10)))\n"
        "peak = lambda: int(re.search('VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1]) * 1024\n"
        "base = peak()\n"
        "text = mixed_program(n, 200); m = ip.parse(text); ip.optimize(m); ip.print_module(m)\n"
        "print((peak() - base) / n)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(instructions)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instructions", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--large", action="store_true", help="ten times the size too, and memory by instruction")
    options = parser.parse_args()
    n = 2_000 if options.smoke else options.instructions
    repeat = 1 if options.smoke else options.repeat
    programs = {
        "functions of 200": mixed_program(n, 200),
        "functions of 20": mixed_program(n, 20),
        "functions of 5,000": mixed_program(n, 5_000),
        "one block": straight_program(n),
    }
    peer = None if options.smoke else xdsl_rates(n // 5, repeat)
    if peer is not None:
        print(f"xDSL: parse {peer[0]:,.0f}/s, parse + verify + print {peer[1]:,.0f}/s")
    for name, text in programs.items():
        count = count_instrs(ip.parse(text))
        parse = count / seconds(partial(ip.parse, text, verify=False), repeat)
        whole = count / seconds(partial(everything, text), repeat)
        line = f"{name:20} {count:9,} instructions: parse {parse:9,.0f}/s, everything {whole:9,.0f}/s"
        if peer is not None:
            line += f"; {parse / peer[0]:.1f} and {whole / peer[1]:.1f} times xDSL's"
        print(line, flush=True)
    for name, text in (("block chain", block_chain(n)), ("expression chain", expression_chain(n))):
        print(f"{name:20} {seconds(partial(everything, text), 1):.2f} s", flush=True)
    if options.large:
        small = seconds(lambda: everything(mixed_program(n, 200)), 1)
        large = seconds(lambda: everything(mixed_program(10 * n, 200)), 1)
        print(f"ten times the instructions take {large / small:.1f} times as long")
        print(f"peak memory {peak_bytes_per_instruction(n):,.0f} bytes an instruction")


if __name__ == "__main__":
    main()
