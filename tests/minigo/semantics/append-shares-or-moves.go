package main

import "fmt"

type P struct{ x, y int }

func main() {
	a := make([]int, 2, 4)
	b := append(a, 1)
	c := append(a, 2)
	fmt.Println(b, c, len(a), cap(b))
	d := append(c, 3, 4)
	d[0] = 9
	fmt.Println(a, c, d, len(d))
	e := append(a[:1], 5, 6)
	fmt.Println(a, b, e)
	full := a[0:2:2]
	f := append(full, 7)
	f[0] = 70
	fmt.Println(a, f, cap(full))
	var nothing []int
	g := append(nothing, a...)
	g[0] = -1
	fmt.Println(nothing == nil, g, a, len(nothing), cap(nothing))
	text := append([]byte("ab"), "cd"...)
	text = append(text, 'e')
	fmt.Println(string(text), len(text))
	ps := make([]P, 0, 2)
	qs := append(ps, P{1, 2})
	rs := append(ps, P{3, 4}, P{5, 6})
	ts := append(rs, P{7, 8})
	ts[0].x = 100
	fmt.Println(qs, rs, ts)
	n := copy(a, []int{8, 8, 8, 8})
	fmt.Println(n, a, copy(a[1:], a), a)
	bytes := make([]byte, 3)
	fmt.Println(copy(bytes, "hello"), string(bytes))
	s := []int{0, 1, 2, 3, 4, 5}
	s = append(s[:2], s[3:]...)
	fmt.Println(s, s[:6], s[1:3:4], cap(s[1:3:4]))
	clear(s)
	fmt.Println(s, append([]string(nil), "x"))
	empty := append(s, []int{}...)
	fmt.Println(len(empty), len(append(s[:0])))
}
