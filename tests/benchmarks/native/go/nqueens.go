// N queens: how many ways there are to place n queens on a board of n times n.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type Board struct {
	n     int
	cols  []bool
	up    []bool
	down  []bool
	found int
}

func place(b *Board, row int) {
	if row == b.n {
		b.found++
		return
	}
	for c := 0; c < b.n; c++ {
		if b.cols[c] || b.up[row+c] || b.down[row-c+b.n-1] {
			continue
		}
		b.cols[c] = true
		b.up[row+c] = true
		b.down[row-c+b.n-1] = true
		place(b, row+1)
		b.cols[c] = false
		b.up[row+c] = false
		b.down[row-c+b.n-1] = false
	}
}

func queens(n int) int {
	b := &Board{n: n}
	b.cols = make([]bool, n)
	b.up = make([]bool, 2*n-1)
	b.down = make([]bool, 2*n-1)
	place(b, 0)
	return b.found
}

func main() {
	n := 5
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	fmt.Printf("queens(%d) = %d\n", n, queens(n))
}
