package main

import "fmt"

type Meters float64
type Feet float64

func half(x float64) float64 { return x / 2 }

func main() {
	n, f, s := 1, 2.5, "text"
	fmt.Println(n+f, s+1, s*2, n && true, !n, -s, f%2, n == s)
	n = f
	s = n
	var m Meters = 3
	var t Feet = m
	fmt.Println(half(n), half(m), half(1), m+t, []int{1, "two", 3.5})
	var p *int = &f
	if n {
		p = nil
	}
	for s {
	}
	n += "x"
	n[0] = 1
	*n = 2
	fmt.Println(*p, nil, f << 1, 1 << f, s[f], n.x)
	a := []int{1}
	b := []int{2}
	fmt.Println(a == b, a == nil, struct{ x []int }{a} == struct{ x []int }{b})
}
