package main

import (
	"errors"
	"fmt"
	"strings"
)

type S struct {
	s string
	l []int
	p *S
	e error
}

func id(s string) string { return s }

func none() error { return nil }

func main() {
	var s string
	fmt.Println(s, "x")
	fmt.Println(s)
	fmt.Printf("%s|%q|%5s|\n", s, s, s)
	t := s + s
	fmt.Println(t == "", len(t), id(s) == s, s+"a")
	var l []int
	fmt.Println(l, len(l), cap(l), l == nil, append(l, 1), l[:0] == nil, l[0:0:0] == nil)
	for range l {
		fmt.Println("never")
	}
	var e error
	e = errors.New("")
	fmt.Println(e == nil, e, none())
	var z S
	fmt.Println(z.s, z.l, z.p == nil, z.e)
	z.e = errors.New("bad")
	y := z
	fmt.Println(y.e)
	x := 5
	b := x == 5
	f := 2.5
	fmt.Println(x, b, f, -x, !b, -f, x > 3 && b, int64(x)<<2, float64(x)*f, uint8(x))
	if b {
		fmt.Println("const cond")
	}
	for i := 0; b && i < 2; i++ {
		fmt.Print(i)
	}
	fmt.Println()
	var u uint8 = 200
	fmt.Println(u+100, u*2, u>>1, ^u, u/3, u%7, -u)
	bs := []byte(s)
	fmt.Println(len(bs), string(bs) == "", strings.Repeat("", 3) == "")
	var i8 int8 = 127
	i8 += 1
	fmt.Println(i8, min(x, 3), max(f, 9), copy(bs, "x"), len([]rune(s)))
	var arr [0]int
	fmt.Println(arr, len(arr))
	c := 'a'
	c++
	fmt.Println(c, string(c), "abc"[x-4], x<<1|1)
	p := &x
	*p += 2
	q := &p
	**q *= 2
	fmt.Println(x, *p)
	switch x {
	case 14:
		fmt.Println("14")
	}
	var st struct{ a, b int }
	st.a, st.b = 1, 2
	st.a, st.b = st.b, st.a
	fmt.Println(st)
	const big = 1 << 40
	fmt.Println(big/1024, 'a' < 'b', "a"+"b" == "ab")
	w := 1
	w, v := 2, w
	fmt.Println(w, v)
	var n *S
	fmt.Println(n == nil)
	m := map1(3)
	fmt.Println(m)
	for {
		if x > 0 {
			x -= 10
			continue
		}
		break
	}
	fmt.Println(x)
}

func map1(n int) (out []string) {
	defer1 := "d"
	for i := n; i > 0; i-- {
		out = append(out, fmt.Sprint(defer1, i))
	}
	return
}
