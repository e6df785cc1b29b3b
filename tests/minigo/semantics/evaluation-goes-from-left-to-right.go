package main

import "fmt"

var trace []string

func f(name string, n int) int {
	trace = append(trace, name)
	return n
}

func two() (int, int) {
	trace = append(trace, "two")
	return 3, 4
}

func sum(a, b, c int) int {
	trace = append(trace, "sum")
	return a + b*c
}

func add(a, b int) int { return a + b }

type T struct{ a, b int }

func (t T) plus(n int) T {
	trace = append(trace, "plus")
	return T{t.a + n, t.b + n}
}

func show() {
	fmt.Println(trace)
	trace = trace[:0]
}

func main() {
	fmt.Println(sum(f("a", 1), f("b", 2), f("c", 3)))
	show()
	arr := []int{0, 0, 0, 0}
	arr[f("i", 1)], arr[f("j", 2)] = f("x", 5), f("y", 6)
	fmt.Println(arr)
	show()
	fmt.Println(f("l", 2)-f("r", 1)*f("m", 3), add(two()))
	show()
	t := T{b: f("tb", 1), a: f("ta", 2)}.plus(f("n", 1)).plus(f("k", 2))
	fmt.Println(t)
	show()
	arr[f("op", 3)] += f("value", 10)
	fmt.Println(arr, []int{f("e0", 1), f("e1", 2)})
	show()
	i := 0
	i, arr[i] = 2, 9
	fmt.Println(i, arr)
	a, b, c := 1, 2, 3
	a, b, c = c, a, b
	fmt.Println(a, b, c)
	x := []int{1, 2, 3}
	j := 0
	j, x[j], x[j+1] = 1, x[1], x[0]
	fmt.Println(j, x)
	p := &x[2]
	*p, x[2] = 7, 8
	fmt.Println(x, *p)
	for lo, hi := 0, 5; lo < hi; lo, hi = lo+1, hi-1 {
		fmt.Print(lo, hi, " ")
	}
	fmt.Println()
}
