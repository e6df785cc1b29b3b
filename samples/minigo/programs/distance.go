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

func word(seed uint32, out []byte) {
	for k := range out {
		seed = seed*1664525 + 1013904223
		out[k] = byte('a' + seed>>30)
	}
}

func compare(i int) int {
	la, lb := i%3+1, i%4+1
	a := make([]byte, la)
	b := make([]byte, lb)
	counts := make([]int, 4)
	word(uint32(i), a)
	word(uint32(i+i/7), b)
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
