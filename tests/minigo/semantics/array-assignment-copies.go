package main

import "fmt"

type Grid struct {
	cells [2][3]int
	name  string
}

func change(a [3]int) [3]int {
	a[0] = 100
	return a
}

func fill(a *[3]int, x int) {
	for i := range a {
		a[i] = x
	}
}

var global [3]int

func main() {
	a := [3]int{1, 2, 3}
	b := a
	b[1] = 20
	c := change(a)
	fmt.Println(a, b, c)
	p := &a
	p[2] = 30
	fill(&b, 7)
	fmt.Println(a, b, len(p))
	a, b = b, a
	fmt.Println(a, b)
	s := a[:]
	s[0] = 55
	fmt.Println(a, s, len(s), cap(s), cap(a[1:2]))
	g := Grid{name: "g"}
	h := g
	h.cells[1][2] = 9
	row := h.cells[1]
	row[0] = 4
	fmt.Println(g, h, row)
	h.cells[0] = row
	gs := []Grid{g, h}
	gs[0].cells[0][1] = 77
	gs = append(gs, gs[0])
	gs[2].cells[0][1] = 78
	fmt.Println(gs, g)
	m := [2][2]int{{1, 2}, {3, 4}}
	n := m
	n[0], n[1] = n[1], n[0]
	for i, r := range m {
		r[0] = 1000
		m[i][1] += 10
	}
	fmt.Println(m, n)
	for i, x := range a {
		a[2] = 500
		fmt.Print(i, " ", x, ";")
	}
	fmt.Println()
	global[1] = 5
	q := &global
	q[0]++
	global2 := global
	global2[2] = 1
	fmt.Println(global, global2, *q)
	d := [...]string{2: "c", 0: "a"}
	fmt.Println(len(d), d)
	gp := &gs[1]
	copyOf := *gp
	copyOf.cells[0][0] = -1
	fmt.Println(gp.cells[0][0], copyOf.cells[0][0])
	arrays := make([][2]int, 2, 4)
	arrays[1][0] = 3
	arrays = append(arrays, [2]int{8, 9})
	x := arrays[1]
	x[1] = 1
	fmt.Println(arrays, x)
}
