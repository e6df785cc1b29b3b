"""The command line: one file a verb, imported when the verb is used, so that starting costs little.

Exit status: 0 done, 1 the input (or a check) is at fault, 2 the call is at fault.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

import click

from irpass import __version__
from irpass.diagnostics import IrpassError, UsageError

# verb -> module and one line of help, so that `irpass --help` imports no verb
VERBS = {
    "optimize": "Run passes over IR and print the result: the main job.",
    "verify": "Parse and verify only.",
    "check": "Say whether a program does what another one does, however its memory was folded.",
    "explain": "Say what a reason in a missed remark means, and what to do about it.",
    "run": "Execute a program, in the reference interpreter or as native code.",
    "build": "Write a program as native code: an executable, object, assembly or LLVM text.",
    "replay": "Put the heap trace of a run onto another heap, and say what that does.",
    "fuzz": "Try random programs before and after a pipeline, and compare what they do.",
    "reduce": "Shrink a program while a command keeps failing on it.",
    "graph": "Draw dependency, control-flow, dominator and call graphs.",
    "report": "Write a page with before, after, remarks and pictures of one optimization.",
    "fmt": "Print IR in its canonical form, comments kept.",
    "passes": "List the passes and their options, plug-ins included.",
    "pack": "Place buffers with sizes and lifetimes into the smallest arena.",
    "generate": "Write pooled and derived allocators as C or Go source.",
}


class _Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = getattr(import_module(f"irpass.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="irpass")
def cli() -> None:
    """Fold many small allocations into one shared allocation and derived slices.

    \b
    irpass optimize prog.ir                     print the optimized program
    irpass optimize prog.ir --remarks all       and say what was folded, what not, and why
    irpass run prog.ir 5                        run it
    irpass graph prog.ir --format svg -o g.svg  draw it

    `-` stands for standard input. Exit status: 0 done, 1 the input is at fault, 2 the call is.
    """


def main() -> None:
    """The entry point of the `irpass` script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # IR is UTF-8 whatever the locale
    gc.set_threshold(500_000, 20, 20)  # a module is one large live structure: looking for garbage in it finds none
    try:
        status = cli.main(standalone_mode=False, prog_name="irpass")
        sys.stdout.flush()
    except IrpassError as error:
        click.echo(str(error), err=True)
        status = 2 if isinstance(error, UsageError) else 1
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except click.Abort:
        click.echo("irpass: interrupted", err=True)
        status = 130
    except BrokenPipeError:  # the reader of our output has gone: nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status if isinstance(status, int) else 0)
