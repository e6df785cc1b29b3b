package main

import "fmt"

type Inner struct{ a, b int }

type Outer struct {
	in   Inner
	next *Outer
	tags []string
}

func (o Outer) changed() Outer {
	o.in.a = 99
	o.tags[0] = "shared"
	return o
}

func (o *Outer) change() { o.in.b++ }

func pair() (Inner, Inner) { return Inner{1, 2}, Inner{3, 4} }

func main() {
	o := Outer{in: Inner{1, 2}, tags: []string{"x", "y"}}
	p := o
	p.in.a = 10
	q := o.changed()
	o.change()
	p.change()
	fmt.Println(o.in, p.in, q.in, o.tags, p.tags)
	list := []Outer{o, p}
	for _, e := range list {
		e.in.a = -1
	}
	for i := range list {
		list[i].change()
	}
	first := list[0]
	first.in.a = 1234
	fmt.Println(list[0].in, list[1].in, first.in)
	ptr := &list[1]
	ptr.in = Inner{5, 6}
	inner := &ptr.in
	inner.b = 66
	fmt.Println(list[1].in, *inner, ptr.next == nil)
	a, b := pair()
	a, b = b, a
	fmt.Println(a, b, a == b, a == Inner{3, 4}, a != b)
	ptr.next = &o
	ptr.next.in.a++
	fmt.Println(o.in.a, list[1].next.in.a)
	*ptr = o
	ptr.in.a = 0
	fmt.Println(o.in.a, list[1].in.a, pairFirst().a)
	anonymous := struct {
		x int
		y string
	}{1, "z"}
	same := anonymous
	same.x++
	fmt.Println(anonymous, same, anonymous == same)
}

func pairFirst() Inner {
	first, _ := pair()
	return first
}
