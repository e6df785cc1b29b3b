// String splitting: lines of comma-separated words are cut into fields, counted by their length
// and joined again in reverse.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func line(seed int, buf []byte) int {
	n := 0
	words := seed%4 + 2
	for w := 0; w < words; w++ {
		if w > 0 {
			buf[n] = ','
			n++
		}
		seed = (seed*75 + 74) % 65537
		length := seed%4 + 1
		for k := 0; k < length; k++ {
			buf[n] = byte('a' + (seed>>uint(k))%26)
			n++
		}
	}
	return n
}

func count(s []byte, sep byte) int {
	n := 0
	for _, c := range s {
		if c == sep {
			n++
		}
	}
	return n
}

// reverse gives a hash of the fields of s, joined from the last to the first.
func reverse(s []byte) uint32 {
	fields := count(s, ',') + 1
	starts := make([]int, fields)
	ends := make([]int, fields)
	joined := make([]byte, len(s))
	at := 0
	for i, c := range s {
		if c == ',' {
			ends[at] = i
			at++
			starts[at] = i + 1
		}
	}
	ends[at] = len(s)
	n := 0
	for f := fields - 1; f >= 0; f-- {
		n += copy(joined[n:], s[starts[f]:ends[f]])
		if f > 0 {
			joined[n] = ';'
			n++
		}
	}
	h := uint32(2166136261)
	for _, c := range joined[:n] {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

func main() {
	n := 100
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	lines := make([][]byte, 256)
	for i := range lines {
		buf := make([]byte, 64)
		size := line(i*257, buf)
		lines[i] = buf[:size]
	}
	total := uint32(0)
	for i := 0; i < n; i++ {
		total = total*3 + reverse(lines[i%256])
	}
	fmt.Println(n, total)
}
