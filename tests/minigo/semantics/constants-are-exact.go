package main

import "fmt"

type Weekday int

const (
	Sunday Weekday = iota
	Monday
	_
	Wednesday
)

const (
	KB = 1 << (10 * (iota + 1))
	MB
	GB
)

const (
	a, b = iota, iota * 10
	c, d
	e = "text"
	f
	g = len(e)
	h = iota
)

const big = 1 << 100
const third = 1.0 / 3
const huge = 1e300 * 1e300 / 1e300
const typed int32 = 7
const name = "go" + "pher"
const flag = big > 1<<99 && !false

func (d Weekday) next() Weekday { return (d + 1) % 7 }

func main() {
	fmt.Println(Sunday, Monday, Wednesday, Wednesday.next(), KB, MB, GB)
	fmt.Println(a, b, c, d, e, f, g, h)
	fmt.Println(big>>98, third*3 == 1, huge/1e299, typed*2, name, flag, big/(1<<98))
	const local = 0.1 + 0.2
	fmt.Println(local == 0.3, local, 7/2*2.0, 7/2.0*2, 'a'*2, 'b'-'a')
	var x float64 = 3
	var y int = 2.0
	var z uint8 = 'A' + 1
	fmt.Println(x/2, y, z, 1<<3.0, 5%3, -5/2, 1_000_000, 0x_ff, 0b101, 0o17, 017, .5, 1e-3)
	fmt.Println(len("héllo"), len([3]int{}), min(3, 1, 2), max(2.5, 1), min("b", "a"))
	n := 3
	fmt.Println(min(n, 5), max(n, 2, 7), 2*n+third*0 == 6.0, float64(n)*1.5, n<<1 == 6)
	var s uint = 3
	var w int64 = 1 << s
	fmt.Println(w, uint8(1)<<s, 1<<s == 8, 1.0<<3)
}
