package main

import "fmt"

func two() (int, string) { return 1, "a" }

func none() {}

func main() {
	a, b := 1
	c := two()
	d, e, f := two()
	var g, h int = 1, 2, 3
	i, j := two()
	i, j = 2, 3
	i, j := two()
	k := none()
	two() = 1, 2
	5 = i
	"abc"[0] = 'x'
	j[0] = 'y'
	fmt.Println(a, b, c, d, e, f, g, h, i, j, k, two(), none())
	for x, y, z := range []int{1} {
	}
	for x, y := range 10 {
		fmt.Println(x, y)
	}
	const q = 1
	q = 2
	main = nil
}
