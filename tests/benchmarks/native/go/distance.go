// Dynamic programming rows: the edit distance of many short words, with two rows each that change
// places, and a table of how often each byte occurs.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func distance(a, b []byte) int {
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 0; i < len(a); i++ {
		cur[0] = i + 1
		for j := 0; j < len(b); j++ {
			best := prev[j]
			if a[i] != b[j] {
				best++
			}
			if prev[j+1]+1 < best {
				best = prev[j+1] + 1
			}
			if cur[j]+1 < best {
				best = cur[j] + 1
			}
			cur[j+1] = best
		}
		prev, cur = cur, prev
	}
	return prev[len(b)]
}

func word(seed, size int, out []byte) {
	for k := 0; k < size; k++ {
		seed = (seed*75 + 74) % 65537
		out[k] = byte('a' + seed%4)
	}
}

func compare(i int) int {
	la, lb := i%5+2, i%7+2
	a := make([]byte, la)
	b := make([]byte, lb)
	counts := make([]int, 4)
	word(i%65536, la, a)
	word((i+i/7)%65536, lb, b)
	for _, c := range a {
		counts[c-'a']++
	}
	for _, c := range b {
		counts[c-'a']--
	}
	bound := 0
	for _, c := range counts {
		if c > 0 {
			bound += c
		}
	}
	return distance(a, b)*8 + bound
}

func main() {
	n := 100
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	total := 0
	for i := 0; i < n; i++ {
		total += compare(i)
	}
	fmt.Println(total)
}
