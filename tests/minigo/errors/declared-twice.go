package main

import "fmt"

const a = 1

var a = 2

func f() {}

func f() {}

type T struct {
	x int
	x string
}

type U struct {
	u U
}

type V [2]W

type W struct{ v V }

func (t T) m() {}

func (t *T) m() {}

func (t T) x() {}

var p = q
var q = p

const r = s + 1
const s = r

func g(n int, n string) {
	x := 1
	var x = 2
	switch n {
	case 1, 1:
	case 1:
	default:
	default:
	}
	fmt.Println(x)
	break
	continue
	for {
		break nowhere
	}
}

func main(args int) {}
