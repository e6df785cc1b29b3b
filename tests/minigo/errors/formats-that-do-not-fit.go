package main

import "fmt"

func main() {
	fmt.Printf("%d\n", "text")
	fmt.Printf("%s and %d\n", 1)
	fmt.Printf("%d\n", 1, 2)
	fmt.Printf("%f %t %x\n", 1, 2, 3.5)
	fmt.Printf("%y\n", 1)
	fmt.Printf("100%")
	format := "%d"
	fmt.Printf(format, 1)
	n := 1
	fmt.Println(&n, []*int{&n})
	fmt.Printf("%#v %*d\n", n, 3, n)
}
