package main

import (
	"fmt"
	"os"
	"strings"
)

func f(n int) int {
	x := 1
	var y, z = 2, 3
	y = n
	for i, c := range "abc" {
		fmt.Println(c)
	}
	if ok := n > 1; n > 2 {
		return z
	}
outer:
	for {
		n + 1
		len("a")
	}
}

func main() {
	f(1)
	f := 2
}
