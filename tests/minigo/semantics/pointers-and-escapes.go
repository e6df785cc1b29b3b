package main

import "fmt"

type Node struct {
	value int
	next  *Node
}

type List struct {
	head *Node
	size int
}

func (l *List) push(v int) *List {
	l.head = &Node{v, l.head}
	l.size++
	return l
}

func counter() *int {
	n := 41
	p := &n
	*p++
	return p
}

func swap(a, b *int) { *a, *b = *b, *a }

func set(p **Node, n *Node) { *p = n }

func main() {
	var l List
	l.push(1).push(2).push(3)
	for n := l.head; n != nil; n = n.next {
		fmt.Print(n.value, " ")
	}
	fmt.Println(l.size, *counter())
	a, b := 1, 2
	swap(&a, &b)
	fmt.Println(a, b)
	p, q := &a, &a
	r := &b
	fmt.Println(p == q, p == r, *p == *r, p != nil)
	var pointers []*int
	for i := 0; i < 3; i++ {
		pointers = append(pointers, &i)
		i := i * 10
		pointers = append(pointers, &i)
	}
	for _, p := range pointers {
		fmt.Print(*p, " ")
	}
	for i, v := range []int{5, 6} {
		w := &v
		*w += i
		pointers = append(pointers, w, &i)
	}
	for _, p := range pointers[6:] {
		fmt.Print(*p, " ")
	}
	fmt.Println()
	n := new(Node)
	n.value = 3
	m := *n
	m.value = 4
	set(&n, &m)
	n.value++
	fmt.Println(n.value, m.value, new(int) == new(int), *new(string) == "")
	s := []int{1, 2, 3}
	e := &s[1]
	*e = 20
	s = append(s, 4)
	s[1] = 200
	fmt.Println(*e, s)
	pp := &p
	**pp = 77
	fmt.Println(a)
	nodes := []*Node{{1, nil}, {value: 2}}
	nodes[0].next = nodes[1]
	nodes[0].next.value = 50
	fmt.Println(nodes[1].value, nodes[0].next == nodes[1])
	x := 5
	f(&x, x)
	fmt.Println(x)
	var np *Node
	fmt.Println(np == nil, l.head.next.next.next == np)
}

func f(p *int, v int) {
	*p = v + 1
	v = 100
	*p += v / 100
}
