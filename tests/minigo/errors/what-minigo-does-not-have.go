package main

import (
	"fmt"
	"net/http"
	"runtime"
	"time"
)

type T struct{ n int }

func (t T) m() {}

func f() {}

func init() {}

func main() {
	println("x")
	var c complex128
	_ = c
	g := f
	h := T{}.m
	fmt.Println(time.Now())
here:
	f()
	panic(fmt.Sprint("x"))
	main()
	var rows [][2]int
	more := append(rows, rows...)
	copy(rows, more)
}
