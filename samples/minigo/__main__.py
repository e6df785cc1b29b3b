"""The command line: `python -m samples.minigo run FILE.go ARGS`, `build`, `ir`, `remarks`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import irpass as ip
from samples.minigo.compiler import arguments, build_executable, compile_text


class _Group(click.Group):
    """Errors in the program go to standard error, as they are; the exit status is then 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ip.UsageError as error:
            raise click.UsageError(str(error)) from None
        except ip.IrpassError as error:
            click.echo(str(error), err=True)
            sys.exit(1)


_optimize = click.option("--optimize", is_flag=True, help="Run irpass's default pipeline first.")
_passes = click.option("--passes", metavar="PIPELINE", help="Run these passes first, as `irpass optimize` does.")


def _compiled(file: str, optimize: bool = False, passes: str | None = None) -> ip.Module:
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise click.UsageError(f"cannot read {file}: {reason}") from None
    module = compile_text(text, file)
    if optimize or passes is not None:
        ip.optimize(module, passes)
    return module


@click.group(cls=_Group)
def main() -> None:
    """Compile a subset of Go by way of irpass."""


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("file")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.option("--engine", type=click.Choice(["interp", "native"]), default="interp", show_default=True)
@_optimize
@_passes
def run(file: str, args: tuple[str, ...], engine: str, optimize: bool, passes: str | None) -> None:
    """Run FILE.go; ARGS are its os.Args. Exit status 1 where it panics."""
    module = _compiled(file, optimize, passes)
    if engine == "native":
        from irpass.native.engine import run as run_native  # needs the extra `native`

        outcome = run_native(module, "main", arguments(module, args))
    else:
        outcome = ip.run(module, *arguments(module, args))
    for line in outcome.printed:
        click.echo(line.encode("utf-8", "surrogateescape"))
    if outcome.trap is not None:
        place = f"{outcome.trap.loc}: " if outcome.trap.loc is not None else ""
        click.echo(f"{place}panic: {outcome.trap.kind.removeprefix('panic: ')}", err=True)
        sys.exit(1)


@main.command()
@click.argument("file")
@click.option("--output", "-o", required=True, metavar="PROG", help="The executable to write.")
@_optimize
@_passes
@click.option("--allocator", default="libc", show_default=True, metavar="NAME", help="As in `irpass build`.")
def build(file: str, output: str, optimize: bool, passes: str | None, allocator: str) -> None:
    """Make an executable of FILE.go, with LLVM and the system's `cc`."""
    module = _compiled(file, optimize, passes)
    build_executable(module, output, allocator=allocator)


@main.command()
@click.argument("file")
@_optimize
@_passes
def ir(file: str, optimize: bool, passes: str | None) -> None:
    """Print the IR that FILE.go becomes."""
    module = _compiled(file, optimize, passes)
    click.echo(ip.print_module(module), nl=False)


@main.command()
@click.argument("file")
@click.option("--library", is_flag=True, help="Also of the library's functions, where the program uses them.")
def remarks(file: str, library: bool) -> None:
    """Say which allocations of FILE.go share a call, and why others do not."""
    for remark in ip.optimize(_compiled(file)).remarks:
        if library or (remark.loc is not None and remark.loc.file == file):
            click.echo(remark.text())


if __name__ == "__main__":
    main(prog_name="minigo")
