// Binary trees: build and count perfect trees of many depths (the Computer Language Benchmarks Game).
package main

import (
	"fmt"
	"os"
	"strconv"
)

type Tree struct {
	left, right *Tree
}

func bottomUp(depth int) *Tree {
	if depth == 0 {
		return &Tree{}
	}
	return &Tree{bottomUp(depth - 1), bottomUp(depth - 1)}
}

func (t *Tree) count() int {
	if t.left == nil {
		return 1
	}
	return 1 + t.left.count() + t.right.count()
}

func main() {
	n := 4
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	const minDepth = 4
	maxDepth := minDepth + 2
	if n > maxDepth {
		maxDepth = n
	}
	stretch := maxDepth + 1
	fmt.Printf("stretch tree of depth %d\t check: %d\n", stretch, bottomUp(stretch).count())
	longLived := bottomUp(maxDepth)
	for depth := minDepth; depth <= maxDepth; depth += 4 {
		rounds := 1 << uint(maxDepth-depth+minDepth)
		check := 0
		for i := 1; i <= rounds; i++ {
			check += bottomUp(depth).count()
		}
		fmt.Printf("%d\t trees of depth %d\t check: %d\n", rounds, depth, check)
	}
	fmt.Printf("long lived tree of depth %d\t check: %d\n", maxDepth, longLived.count())
}
