"""minigo: a compiler for a subset of Go that uses irpass as a library, to be read and taken apart. See README.md."""
