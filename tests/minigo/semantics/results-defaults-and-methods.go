package main

import (
	"errors"
	"fmt"
	"strconv"
)

type Stack []int

func (s *Stack) push(v int) { *s = append(*s, v) }

func (s *Stack) pop() (int, bool) {
	old := *s
	if len(old) == 0 {
		return 0, false
	}
	top := old[len(old)-1]
	*s = old[:len(old)-1]
	return top, true
}

func (s Stack) sum() (total int) {
	for _, v := range s {
		total += v
	}
	return
}

type Celsius float64

func (c Celsius) fahrenheit() float64 { return float64(c)*9/5 + 32 }

func divide(a, b int) (q, r int, err error) {
	if b == 0 {
		err = errors.New("division of " + strconv.Itoa(a) + " by zero")
		return
	}
	q, r = a/b, a%b
	return q, r, nil
}

func check(n int) error {
	if n > 2 {
		return fmt.Errorf("%d is too large", n)
	}
	return nil
}

func three() (int, string, []float64) { return 1, "two", []float64{3} }

func pass() (int, string, []float64) { return three() }

func swap(a, b string) (string, string) { return b, a }

func ackermann(m, n int) int {
	if m == 0 {
		return n + 1
	} else if n == 0 {
		return ackermann(m-1, 1)
	}
	return ackermann(m-1, ackermann(m, n-1))
}

var (
	second = first + 1
	first  = compute()
	table  = [3]string{"a", "b"}
	stack  Stack
	origin = &point{1, 2}
)

type point struct{ x, y int }

func compute() int { return 41 }

func main() {
	var s Stack
	s.push(1)
	s.push(2)
	v, ok := s.pop()
	fmt.Println(v, ok, s.sum(), len(s))
	s.pop()
	_, ok = s.pop()
	fmt.Println(ok, Celsius(100).fahrenheit(), Celsius(-40))
	q, r, err := divide(17, 5)
	fmt.Println(q, r, err)
	_, _, err = divide(1, 0)
	fmt.Println(err, err != nil, err.Error())
	if err := check(3); err != nil {
		fmt.Println("error:", err)
	}
	fmt.Println(check(1) == nil)
	n, text, list := pass()
	fmt.Println(n, text, list)
	fmt.Println(swap("a", "b"))
	fmt.Println(swap(swap("c", "d")))
	fmt.Println(ackermann(2, 3), first, second, table, len(table[2]))
	stack.push(first)
	stack.push(second)
	fmt.Println(stack, stack.sum(), *origin)
	origin.x += 5
	table[2] = "c"
	fmt.Println(origin.x, table)
	var i int
	var f float64
	var b bool
	var t string
	var p *point
	var l []point
	fmt.Println(i, f, b, t == "", p == nil, l == nil, len(l))
	for range 2 {
		var fresh [2]int
		fresh[0]++
		fmt.Print(fresh, " ")
	}
	fmt.Println()
}
