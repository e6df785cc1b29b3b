package main

import "fmt"

const big = 1 << 70

const small int8 = 200

func main() {
	var a uint8 = 256
	var b uint = -1
	var c int = 1.5
	var d int32 = big
	e := uint8(300)
	f := 10 / 0
	g := int8(100) * 2
	var h float32 = 1e39
	i := 9223372036854775808
	x := 5
	fmt.Println(a, b, c, d, e, f, g, h, i, x/0, x%0, x<<-1, 'ab', "\q")
	arr := [3]int{1, 2, 3, 4}
	fmt.Println(arr[3], arr[-1], "abc"[5], arr[1:7], arr[x:2])
	var z [x]int
	const k = x + 1
	fmt.Println(z, k, ^uint8(1), string(70))
}
