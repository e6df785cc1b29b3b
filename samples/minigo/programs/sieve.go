// Segments of a sieve: each segment has a table and a list of its primes; the small primes are kept.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const segment = 64

func small(limit int) []int {
	composite := make([]bool, limit+1)
	primes := make([]int, 0, 8)
	for i := 2; i <= limit; i++ {
		if composite[i] {
			continue
		}
		primes = append(primes, i)
		for j := i * i; j <= limit; j += i {
			composite[j] = true
		}
	}
	return primes
}

func sieve(low int, primes []int) []int {
	composite := make([]bool, segment)
	found := make([]int, 0, segment/4)
	for _, p := range primes {
		start := (low + p - 1) / p * p
		for j := max(start, p*p); j < low+segment; j += p {
			composite[j-low] = true
		}
	}
	for i, c := range composite {
		if !c && low+i > 1 {
			found = append(found, low+i)
		}
	}
	return found
}

func main() {
	n := 512
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	limit := 1
	for limit*limit < n+segment {
		limit++
	}
	primes := small(limit)
	count, last, gap := 0, 2, 0
	for low := 0; low < n; low += segment {
		for _, p := range sieve(low, primes) {
			count++
			gap = max(gap, p-last)
			last = p
		}
	}
	fmt.Println(count, "primes, the last", last, "largest gap", gap)
}
