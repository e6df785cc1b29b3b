package main

import "fmt"

func yes(s string) bool {
	fmt.Print(s, "+ ")
	return true
}

func no(s string) bool {
	fmt.Print(s, "- ")
	return false
}

func main() {
	fmt.Println(yes("a") && no("b") && yes("c"))
	fmt.Println(no("a") || yes("b") || no("c"))
	fmt.Println(no("a") && yes("b") || yes("c") && !no("d"))
	if !(yes("x") || yes("y")) || no("z") {
		fmt.Println("in")
	} else {
		fmt.Println("out")
	}
	var p *int
	if p != nil && *p > 0 {
		fmt.Println("never")
	}
	s := []int{1, 2, 3}
	i := 0
	for i < len(s) && s[i] != 3 {
		i++
	}
	for i < 10 && (i%2 == 0 || i%3 == 0) {
		i++
	}
	ok := i > 3 && s[0] == 1
	ok = ok != (i == 4)
	fmt.Println(i, ok, !ok, ok == true, ok || no("never"))
	both := yes("1") == no("2")
	fmt.Println(both)
}
