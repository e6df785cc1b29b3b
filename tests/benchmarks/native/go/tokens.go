// Tokenizing: expressions become tokens (kind, start, end), which a shunting-yard evaluator reads
// with an operator stack and a value stack.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const (
	number = iota
	operator
	open
	shut
)

func tokenize(s string, kinds []uint8, starts, ends []int32) int {
	n := 0
	i := 0
	for i < len(s) {
		c := s[i]
		start := i
		switch {
		case c == ' ':
			i++
			continue
		case c >= '0' && c <= '9':
			for i < len(s) && s[i] >= '0' && s[i] <= '9' {
				i++
			}
			kinds[n] = number
		case c == '(':
			i++
			kinds[n] = open
		case c == ')':
			i++
			kinds[n] = shut
		default:
			i++
			kinds[n] = operator
		}
		starts[n] = int32(start)
		ends[n] = int32(i)
		n++
	}
	return n
}

func level(op byte) int {
	if op == '+' || op == '-' {
		return 1
	}
	if op == '*' {
		return 2
	}
	return 0
}

func apply(op byte, a, b int) int {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	}
	return a * b
}

func evaluate(s string, x int) int {
	size := len(s)
	kinds := make([]uint8, size)
	starts := make([]int32, size)
	ends := make([]int32, size)
	values := make([]int, size)
	ops := make([]byte, size)
	n := tokenize(s, kinds, starts, ends)
	nv, no := 0, 0
	for t := 0; t < n; t++ {
		switch kinds[t] {
		case number:
			v := 0
			for k := starts[t]; k < ends[t]; k++ {
				v = v*10 + int(s[k]-'0')
			}
			values[nv] = v + x
			nv++
		case open:
			ops[no] = '('
			no++
		case shut:
			for ops[no-1] != '(' {
				no--
				nv--
				values[nv-1] = apply(ops[no], values[nv-1], values[nv])
			}
			no--
		case operator:
			op := s[starts[t]]
			for no > 0 && level(ops[no-1]) >= level(op) {
				no--
				nv--
				values[nv-1] = apply(ops[no], values[nv-1], values[nv])
			}
			ops[no] = op
			no++
		}
	}
	for no > 0 {
		no--
		nv--
		values[nv-1] = apply(ops[no], values[nv-1], values[nv])
	}
	return values[0]
}

func main() {
	n := 50
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	total := 0
	for i := 0; i < n; i++ {
		x := i % 17
		total += evaluate("1 + 2 * (3 - 4)", x)
		total ^= evaluate("12 * (7 - 5)", x)
		total += evaluate("(1+2)*(3+4)-(5*6)", x)
		total ^= evaluate("9", x)
	}
	fmt.Println(total)
}
