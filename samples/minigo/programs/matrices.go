// Small matrices: chains of products of 3x3 to 5x5 matrices, each step with fresh temporaries,
// as a numeric library does it.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func numbers(n int) []float64 {
	m := make([]float64, n)
	seed := 1
	for i := range m {
		seed = (seed*75 + 74) % 65537
		m[i] = float64(seed%200-100) / 64
	}
	return m
}

func multiply(out, a, b []float64, n int) {
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			sum := 0.0
			for k := 0; k < n; k++ {
				sum += a[i*n+k] * b[k*n+j]
			}
			out[i*n+j] = sum
		}
	}
}

func trace(m []float64, n int) float64 {
	sum := 0.0
	for i := 0; i < n; i++ {
		sum += m[i*n+i]
	}
	return sum
}

func chain(n int, from []float64) float64 {
	size := n * n
	a := make([]float64, size)
	b := make([]float64, size)
	ab := make([]float64, size)
	ba := make([]float64, size)
	comm := make([]float64, size)
	copy(a, from)
	copy(b, from[7:])
	multiply(ab, a, b, n)
	multiply(ba, b, a, n)
	for i := range comm {
		comm[i] = ab[i] - ba[i]
	}
	multiply(a, comm, comm, n)
	return trace(a, n)
}

func main() {
	n := 100
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	values := numbers(1024)
	total := 0.0
	for i := 0; i < n; i++ {
		total += chain(2+i%2, values[i%1000:])
	}
	fmt.Printf("%.6f\n", total)
}
