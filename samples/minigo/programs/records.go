// Records per request: each request brings a handful of fields, which are decoded into scratch
// slices, summed up and dropped. All scratch of a request is asked for in one place.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type Summary struct {
	requests int
	fields   int
	bytes    int
	check    uint32
}

func next(seed uint32) uint32 {
	return seed*1664525 + 1013904223
}

func handle(seed uint32, sum *Summary) {
	count := int(seed>>24)%4 + 2
	keys := make([]int32, count)
	sizes := make([]int32, count)
	starts := make([]int, count+1)
	body := make([]byte, count*6)
	at := 0
	for i := 0; i < count; i++ {
		seed = next(seed)
		keys[i] = int32(seed >> 20)
		sizes[i] = int32(seed>>10) & 3
		starts[i] = at
		for k := 0; k <= int(sizes[i]); k++ {
			body[at] = byte(seed >> uint32(k*4))
			at++
		}
	}
	starts[count] = at
	for i := 0; i < count; i++ {
		h := uint32(keys[i])
		for _, b := range body[starts[i]:starts[i+1]] {
			h = h*31 + uint32(b)
		}
		sum.check = sum.check*16777619 ^ h
	}
	sum.requests++
	sum.fields += count
	sum.bytes += at
}

func main() {
	n := 200
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	var sum Summary
	seed := uint32(42)
	for i := 0; i < n; i++ {
		seed = next(seed)
		handle(seed, &sum)
	}
	fmt.Println(sum.requests, sum.fields, sum.bytes, sum.check)
}
