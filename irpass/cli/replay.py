"""`irpass replay`: the trace of one heap on another."""

from __future__ import annotations

import json

import click

from irpass.cli.io import read_utf8, write_output


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--heap", "heap_spec", metavar="SPEC.toml", help="The heap to replay on; one as it is by default.")
@click.option("--heap-limit", type=click.IntRange(min=0), metavar="BYTES",
              help="Deny what goes past so many live bytes; over what SPEC.toml says.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--svg", metavar="OUT", help="Draw the heap over time, and its addresses when the most was live.")
def replay(file: str, heap_spec: str | None, heap_limit: int | None, as_json: bool, svg: str | None) -> None:
    """Replay a trace that irpass run --heap-trace wrote, and print what the heap does.

    \b
    irpass run prog.ir --heap small.toml --heap-trace prog.jsonl
    irpass replay prog.jsonl --heap large.toml --svg large.svg
    """
    from irpass.cli.model_heap import read_spec
    from irpass.heap.replay import replay as replay_events
    from irpass.heap.trace import Collect
    from irpass.heap.trace_reader import read_trace

    spec = read_spec(heap_spec, heap_limit)
    text, name = read_utf8(file)
    events = read_trace(text, name)
    done = replay_events(events, spec)
    if svg is not None:
        from irpass.heap.address_map import address_map
        from irpass.heap.picture import draw

        peak = done.peak
        parts = address_map(replay_events(events[:peak], spec).heap)
        collections = [i for i, event in enumerate(events) if isinstance(event, Collect)]
        write_output(svg, draw(done.usages, parts, peak, collections, f"{name} on {spec.name}"))
    if as_json:
        click.echo(json.dumps({"events": len(events), **done.report.to_json()}))
    else:
        click.echo(done.report.text())
