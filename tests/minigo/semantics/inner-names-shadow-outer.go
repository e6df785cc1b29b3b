package main

import "fmt"

var x = 1

const k = 5

func shadow(x int) int {
	if x := x * 2; x > 5 {
		x := x + 1
		return x
	} else if y := x; y > 3 {
		return -y
	}
	x++
	{
		x := "inner"
		_ = x
	}
	return x
}

func main() {
	fmt.Println(x, shadow(1), shadow(2), shadow(5))
	x := x + 10
	for x := 0; x < 2; x++ {
		x := x * 100
		fmt.Println(x)
	}
	for i, x := range []string{"a"} {
		fmt.Println(i, x)
	}
	x, y := 7, x
	fmt.Println(x, y, k)
	const k = "local"
	type int string
	var z int = "type"
	fmt.Println(k, z)
	switch x := x + 1; x {
	case 8:
		x := "eight"
		fmt.Println(x)
	}
	len := func1()
	fmt.Println(len, x)
}

func func1() string { return "len" }
