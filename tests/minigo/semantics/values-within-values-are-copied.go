package main

import "fmt"

type Num int

type Mat [3][3]float64

func (m Mat) mul(o Mat) (r Mat) {
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				r[i][j] += m[i][k] * o[k][j]
			}
		}
	}
	return
}

func (m *Mat) scale(f float64) {
	for i := range m {
		for j := range m[i] {
			m[i][j] *= f
		}
	}
}

type Board struct {
	cells [3][3]byte
	turn  byte
}

func (b *Board) set(i, j int) bool {
	if b.cells[i][j] != 0 {
		return false
	}
	b.cells[i][j] = b.turn
	b.turn = 'X' + 'O' - b.turn
	return true
}

func (b Board) String() string {
	s := ""
	for _, row := range b.cells {
		for _, c := range row {
			if c == 0 {
				c = '.'
			}
			s += string(rune(c))
		}
		s += "/"
	}
	return s
}

type Queue struct {
	items [4]int
	head  int
	count int
}

func (q *Queue) push(x int) { q.items[(q.head+q.count)%len(q.items)] = x; q.count++ }
func (q *Queue) pop() (x int) {
	x = q.items[q.head]
	q.head = (q.head + 1) % len(q.items)
	q.count--
	return
}

type Deep struct {
	q  Queue
	ps [2]*Queue
	n  struct{ a, b [2]int }
}

func make3() (a [2]int, s string, d Deep) {
	a[1] = 4
	s = "s"
	d.q.push(9)
	d.n.b[1] = 3
	d.ps[0] = &d.q
	return
}

var counter int

func tick() int { counter++; return counter }

var table = [...]struct {
	name string
	n    int
}{{"one", 1}, {"two", 2}}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func collatz(n int) (steps int) {
	for ; n != 1; steps++ {
		if n&1 == 0 {
			n /= 2
		} else {
			n = 3*n + 1
		}
	}
	return steps
}

func find(xs []int, x int) (int, bool) {
	lo, hi := 0, len(xs)
	for lo < hi {
		if m := lo + (hi-lo)/2; xs[m] < x {
			lo = m + 1
		} else if xs[m] > x {
			hi = m
		} else {
			return m, true
		}
	}
	return -1, false
}

func permute(xs []int, k int, out *[][]int) {
	if k == len(xs) {
		*out = append(*out, append([]int{}, xs...))
		return
	}
	for i := k; i < len(xs); i++ {
		xs[k], xs[i] = xs[i], xs[k]
		permute(xs, k+1, out)
		xs[k], xs[i] = xs[i], xs[k]
	}
}

func main() {
	id := Mat{{1, 0, 0}, {0, 2, 0}, {0, 0, 3}}
	m := id.mul(id)
	m.scale(0.5)
	fmt.Println(m, id[1][1], m[2])
	var b Board
	b.turn = 'X'
	c := b
	fmt.Println(b.set(0, 0), b.set(0, 0), b.set(1, 1), c.set(2, 2), b.String(), c.String())
	var q Queue
	q.push(1)
	q.push(2)
	r := q
	r.push(3)
	fmt.Println(q.pop(), q.count, r.pop(), r.pop(), r.pop(), q)
	a, s, d := make3()
	fmt.Println(a, s, d.q, d.n, d.ps[0] == &d.q, d.ps[0].items)
	e := d
	e.q.items[0] = 100
	e.n.a[0] = 5
	fmt.Println(d.q.items, e.q.items, d.n, e.n)
	ds := make([]Deep, 2)
	ds[1] = e
	ds[1].n.b[0]++
	ds = append(ds, Deep{}, d)
	p := &ds[3]
	p.q.push(8)
	fmt.Println(ds[1].n, ds[3].q, ds[2].q.items, d.q.items)
	for i, x := range [3]int{tick(), tick(), tick()} {
		fmt.Print(i, x, " ")
	}
	x := []int{0, 0, 0}
	x[tick()-4] = tick()
	fmt.Println(x, table, table[1].name, gcd(84, 36), collatz(27))
	fmt.Println(find([]int{1, 3, 5, 7}, 5))
	var out [][]int
	permute([]int{1, 2, 3}, 0, &out)
	fmt.Println(out, len(out))
	nested := [][]string{{"a"}, {"b", "c"}, nil}
	nested[2] = append(nested[2], nested[1]...)
	fmt.Println(nested, len(nested[2]))
	ptrs := map1()
	for _, p := range ptrs {
		p.head += 10
	}
	fmt.Println(ptrs[0].head, ptrs[1].head)
	var arr [5]int
	sl := arr[1:4]
	for i := range sl {
		sl[i] = i + 1
	}
	pa := &arr
	for i := range pa {
		pa[i] *= 2
	}
	fmt.Println(arr, sl, len(pa), pa[1:3], pa2(pa)[0], cap(sl))
	var n Num = 5
	n += 2
	n++
	fmt.Println(n, Num(3)+n, -n, n > 4, float64(n)/3)
	func2(&n)
	fmt.Println(n)
	i := 10
	for i > 0 {
		i -= 3
		if i < 5 {
			break
		}
	}
	if i := i * 2; i > 3 {
		fmt.Println("i", i)
	} else {
		fmt.Println("else", i)
	}
	var z struct{}
	zs := []struct{}{z, {}}
	fmt.Println(len(zs), z)
	bools := []bool{true, false, true}
	cnt := 0
	for _, b := range bools {
		if b {
			cnt++
		}
	}
	fmt.Println(cnt, bools[0] && bools[1] || bools[2])
	text := "x"
	for range 3 {
		text += text
	}
	fmt.Println(text, len(text))
}

func pa2(p *[5]int) *[5]int { return p }

func func2(n *Num) { *n *= 2 }

func map1() []*Queue {
	qs := []*Queue{{head: 1}, {head: 2}}
	return qs
}
