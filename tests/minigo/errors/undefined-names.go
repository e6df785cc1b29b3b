package main

import (
	"fmt"
	"strings"
)

type Point struct{ x, y int }

func main() {
	count := 1
	fmt.Println(cuont, point{1, 2}, strings.Splitt("a", "b"))
	var p Point
	p.z = count
	p.move()
	q := Point{x: 1, w: 2}
	fmt.Printline(q)
	frob(1)
	var v Vector
	_ = v
}
