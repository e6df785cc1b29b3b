package main

import (
	"fmt"
	"strconv"
)

type T struct{ n int }

func (t *T) add(k int, s string) {}

func f(a, b int) int { return a + b }

func main() {
	f(1)
	f(1, 2, 3)
	f("a", 2)
	t := T{}
	t.add(1)
	t.add("x", 1)
	T{}.add(1, "a")
	strconv.Itoa("5")
	x, err := strconv.Atoi(5)
	fmt.Println(x, err, len(5), len(), cap("a"), append(1, 2), append([]int{}, "a"), make(int, 3), make([]int), new(5))
	fmt.Println(copy([]int{}, []string{}), min(1, "a"), int("5"), []byte(5), string(1.5), float64("x"), 5(3))
	t.n()
	f = nil
	g := f
	h := t.add
	panic(5)
	f([]int{1, 2}...)
}
