// Matrix multiply: two square matrices of rows, the second one transposed first.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func newMatrix(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}

func generate(n int, seed float64) [][]float64 {
	m := newMatrix(n)
	scale := seed / float64(n) / float64(n)
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			m[i][j] = scale * float64((i-j)*(i+j))
		}
	}
	return m
}

func multiply(a, b [][]float64, n int) [][]float64 {
	m := newMatrix(n)
	t := newMatrix(n)
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			t[i][j] = b[j][i]
		}
	}
	for i := 0; i < n; i++ {
		row := a[i]
		for j := 0; j < n; j++ {
			col := t[j]
			sum := 0.0
			for k := 0; k < n; k++ {
				sum += row[k] * col[k]
			}
			m[i][j] = sum
		}
	}
	return m
}

func main() {
	n := 10
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	a := generate(n, 1)
	b := generate(n, 2)
	c := multiply(a, b, n)
	fmt.Printf("%.6f\n", c[n/2][n/2])
}
