package main

import "fmt"

type Shape interface {
	Area() float64
}

var ages map[string]int

func apply(f func(int) int) int {
	return f(1)
}

func concurrent() {
	go apply(nil)
}

func deferred() {
	defer fmt.Println("x")
}

func channels(c chan int) {}

func jump() {
	goto end
end:
}

func variadic(n ...int) {}

func Map[T any](x T) T { return x }

func closure() {
	f := func() int { return 1 }
	fmt.Println(f())
}

func through(n int) {
	switch n {
	case 1:
		fallthrough
	case 2:
	}
}

func main() {
	x := map[string]int{"a": 1}
	select {}
}
