package main

import "fmt"

func a() {
	if x == 1
	{
	}
}

func b() {
	x := [3]int{1, 2, 3
	}
}

func c( {
}

var d = 1 +

func e() {
	for i := 0; i < 10; i++
		fmt.Println(i)
}

func f() {
	return 1 2
}

func g() {
	x = = 1
}

type h struct {
	int x
}

while true {
}

func main() {
	fmt.Println("fine"
}
