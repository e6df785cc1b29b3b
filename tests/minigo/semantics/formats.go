package main

import (
	"fmt"
	"math"
)

type Point struct {
	X, Y int
}

type Shape struct {
	name   string
	points []Point
	area   float64
	at     *Point
}

func main() {
	for _, x := range []float64{0, 1, -1, 0.5, 100, 123456, 1234567, 999999.5, 1e20, 1e21, 1e-4, 0.00001, 1.0 / 3, 2.5, 1e100, 123.456} {
		fmt.Println(x, -x, float32(x))
		fmt.Printf("%g|%f|%.0f|%.1f|%.3f|%e|%.2e|%8.2f|%-9.1f|%+.2f|%08.3f|%.3g|%v|%6.0f|%G\n", x, x, x, x, x, x, x, x, x, x, x, x, x, x, x)
	}
	for _, x := range []float64{0.125, 0.375, 2.5, 3.5, 1e15 + 0.5, 0.05, 9.995, 99.995, 0.9999, 9.5, 0.45, 1.005} {
		fmt.Printf("%.0f %.1f %.2f %.3g %.1e\n", x, x, x, x, x)
	}
	fmt.Println(math.Inf(1), math.Inf(-1), math.NaN(), 0.0, 1/math.Inf(-1), math.SmallestNonzeroFloat64, math.MaxFloat64, math.MaxFloat32)
	fmt.Printf("%5.1f|%-6v|%+v|%06.1f|%e\n", math.Inf(1), math.NaN(), math.Inf(1), math.Inf(-1), math.Inf(1))
	for _, n := range []int{0, 7, -7, 42, 255, -255, math.MaxInt64, math.MinInt64} {
		fmt.Printf("%d|%5d|%-5d|%05d|%+d|% d|%x|%X|%o|%b|%8x|%v\n", n, n, n, n, n, n, n, n, n, n, n, n)
	}
	fmt.Printf("%c%c%c|%q|%q|%U|%5c|%-3c|\n", 'a', 233, 0x1F600, 'x', '\n', 0x2318, 'z', 'y')
	fmt.Printf("%s|%8s|%-8s|%.3s|%8.2s|%q|%x|%X|%10q|%v\n", "text", "text", "text", "héllo", "héllo", "a\tb", "hi", "hi", "q", "v")
	fmt.Printf("%t|%7t|%-7t|%v\n", true, false, true, false)
	p := Point{1, -2}
	s := Shape{"tri", []Point{{0, 0}, {1, 2}}, 1.5, nil}
	fmt.Println(p, &p, s.points, s.name, s.area)
	fmt.Printf("%v %+v %d %5d\n", p, p, p, p)
	fmt.Printf("%v %+v %v\n", &p, &p, s.points)
	fmt.Printf("%v|%d|%s|%x|%5.1f|%q|%v\n", []int{1, 2}, []int{3}, []string{"a", "b"}, []byte("xyz"), []float64{1, 2}, []string{"q"}, []bool{true})
	fmt.Println([]int{}, []string(nil), [2]bool{}, [][]int{{1}, {2, 3}}, []byte("ab"), [2][2]int{{1, 2}, {3, 4}})
	fmt.Printf("100%%|%3d%%|%s\n", 50, "end")
	fmt.Println(fmt.Sprintf("%03d-%s", 7, "x"), fmt.Sprint("a", 1, 2, "b", "c", 3.0), fmt.Sprintln("line", 1))
	fmt.Print("no newline ", 1, 2, " ", true, false, "x", "y", 3, "\n")
	fmt.Printf("one\ntwo ")
	fmt.Println("three")
	fmt.Println()
	fmt.Println("a\nb", "", "c")
	fmt.Printf("%t %v\n", error(nil) == nil, p == Point{1, -2})
	fmt.Printf("%d %d %d %d\n", uint8(200), int8(-5), uint64(math.MaxUint64), uint16(65535))
	fmt.Print("the end without a line's end\n")
}
