"""Heaps for the interpreter: one that counts, one that can be looked into, and a collector for both.

`simple` is what programs run on unless they are told otherwise. `model.ModelHeap` is built from a spec that
`spec_reader.read_heap_spec` reads; the README beside this file shows what it tells.
"""
