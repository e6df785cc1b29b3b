package main

import (
	"fmt"
	"math"
)

func main() {
	a := math.MaxInt64
	a++
	fmt.Println(a, -a, a-1, a/-1, a%-1)
	var b uint8 = 250
	b += 10
	fmt.Println(b, b-5, ^b, -b, b<<7, b>>1)
	var c int32 = math.MinInt32
	fmt.Println(-c, c-1, c/-1, c*c, int8(c>>3), int64(c)*2)
	var d uint32 = 1 << 31
	fmt.Println(d*2, d+d-1, int32(d), uint64(d)<<1, uint16(d>>4|0x1234))
	var e int8 = -128
	fmt.Println(e, -e, e/2, e%3, e>>1, e>>100, uint8(e), int(e), e-1)
	for _, n := range []int{-7, 7} {
		for _, m := range []int{-2, 2} {
			fmt.Print(n/m, " ", n%m, "; ")
		}
	}
	fmt.Println()
	s := 70
	fmt.Println(1<<s == 0, -1>>s, uint(1)<<63, 1<<(s-8), int64(-5)>>1, uint8(1)<<uint(s-63))
	fmt.Println(6&3, 6|3, 6^3, 6&^3, ^6, -5&0xff)
	x := 5
	x <<= 3
	x |= 1
	x &^= 8
	x ^= 0xf
	x %= 13
	x -= 20
	x /= 3
	x >>= 1
	x *= -x
	fmt.Println(x)
	f := 3.99
	fmt.Println(int(f), int(-f), uint8(f*10), float32(0.1), float64(float32(0.1)), int64(1e15))
	fmt.Println(7/2, 7/2.0, 1/3.0, -7%4, 'a'+1, "x"+"y", 1e3, 5.0/2)
	var i8 int8 = 127
	var u16 uint16 = 65535
	i8++
	u16++
	fmt.Println(i8, u16, uint64(math.MaxUint64), uint(i8)-2)
	h := uint32(2166136261)
	for _, ch := range []byte("hash") {
		h = (h ^ uint32(ch)) * 16777619
	}
	fmt.Println(h, h>>16^h&0xffff)
}
