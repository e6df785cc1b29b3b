"""The door to llvmlite: text to a module, a module through LLVM's passes, a machine to make code for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irpass.diagnostics import UsageError

if TYPE_CHECKING:
    from llvmlite.binding import LLJIT, ModuleRef, ResourceTracker, TargetMachine


@cache
def binding() -> Any:
    """llvmlite's binding, ready to make code for this machine.

    Raises: UsageError where llvmlite is not installed.
    """
    try:
        import llvmlite.binding as llvm
    except ImportError:
        raise UsageError.of("native code needs llvmlite", "pip install 'irpass[native]'") from None
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache
def machine(level: int, for_process: bool, cpu: str = "") -> TargetMachine:
    """What code is made for: this very processor for this process, else `cpu`, a plain one where not given."""
    llvm = binding()
    target = llvm.Target.from_default_triple()
    if not for_process:
        return target.create_target_machine(cpu=cpu, opt=level, reloc="pic", codemodel="default")
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=level, reloc="pic", codemodel="small", jit=True
    )


def host_cpu() -> str:
    """LLVM's name for this processor."""
    name: str = binding().get_host_cpu_name()
    return name


def parse(text: str) -> ModuleRef:
    """A verified module of LLVM text."""
    llvm = binding()
    module = llvm.parse_assembly(text)
    module.verify()
    module.triple = llvm.get_default_triple()
    return module


def optimize(module: ModuleRef, level: int, target_machine: TargetMachine) -> None:
    """Run LLVM's own pipeline for that level."""
    llvm = binding()
    module.data_layout = str(target_machine.target_data)
    tuning = llvm.create_pipeline_tuning_options(speed_level=level)
    tuning.loop_vectorization = tuning.slp_vectorization = level >= 2
    builder = llvm.create_pass_builder(target_machine, tuning)
    builder.getModulePassManager().run(module, builder)


def inline(module: ModuleRef, file: str, keep: frozenset[str], target_machine: TargetMachine) -> None:
    """Put the bodies that a file of the runtime has in the place of calls, in an optimized module; hide all but `keep`.

    Not before: LLVM knows the calls as an allocator's, and drops and moves them where it can.
    """
    llvm = binding()
    module.link_in(parse(runtime_text(file)))
    internalize(module, keep)
    passes = llvm.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_sccp_pass()
    passes.add_instruction_combine_pass()
    passes.add_simplify_cfg_pass()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, llvm.create_pass_builder(target_machine, llvm.create_pipeline_tuning_options(speed_level=2)))


def internalize(module: ModuleRef, keep: frozenset[str]) -> None:
    """Hide all that is defined but `keep`, so that LLVM may change and drop it."""
    for found in (*module.functions, *module.global_variables):
        if not found.is_declaration and found.name not in keep:
            found.linkage = "internal"


@cache
def _jit(level: int) -> LLJIT:
    return binding().create_lljit_compiler(machine(level, for_process=True), use_jit_link=True)


_serial = count()


def link(module: ModuleRef, level: int, names: tuple[str, ...], imported: Mapping[str, int]) -> ResourceTracker:
    """The module as code in this process, which gives the addresses of `names`. libc is there already; `imported` gives
    the addresses of what else the module asks for."""
    builder = binding().JITLibraryBuilder().add_ir(module).add_current_process()
    for name, address in imported.items():
        builder.import_symbol(name, address)
    for name in names:
        builder.export_symbol(name)
    return builder.link(_jit(level), f"irpass{next(_serial)}")


@cache
def runtime_text(*parts: str) -> str:
    """The runtime, of the files of these names beside this module."""
    folder = Path(__file__).parent
    return "\n".join([(folder / part).read_text(encoding="utf-8") for part in parts])
