package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
)

var state uint64 = 88172645463325252

func next() uint64 {
	state ^= state << 13
	state ^= state >> 7
	state ^= state << 17
	return state
}

// random gives floats of all sizes: mostly of 53 random bits, some with few.
func random() float64 {
	x := float64(next() >> 11)
	if next()%4 == 0 {
		x = float64(next() % 1000)
	}
	exponent := int(next()%64) - 32
	if next()%8 == 0 {
		exponent = int(next()%2100) - 1100
	}
	for ; exponent > 0 && x < math.MaxFloat64/2; exponent-- {
		x *= 2
	}
	for ; exponent < 0; exponent++ {
		x /= 2
	}
	return x
}

func main() {
	n := 15
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	for range n {
		x := random()
		fmt.Println(x, float32(x), math.Sqrt(x))
		fmt.Printf("%.3f %.0f %e %.4g %.17g %10.1e\n", x, x/1e9, x, x, x, -x)
		fmt.Println(math.Floor(x/1e6), math.Trunc(-x/1e6), math.Ceil(x/1e12), x < 1, x == x/3*3)
	}
	fmt.Println(2.2250738585072014e-308, 2.2250738585072011e-308, 9007199254740993.0, 5e-324, 1.7976931348623157e308)
	fmt.Println(math.Sqrt(0), math.Sqrt(-1), math.Sqrt(4), math.Sqrt(5e-324), math.Sqrt(math.MaxFloat64), math.Sqrt(0.25))
	fmt.Printf("%.2f %.2f %.1f %.1f %.0f %.0f %.3f\n", 1.005, 2.675, 0.25, 0.35, 2.5, 3.5, 1e22)
}
