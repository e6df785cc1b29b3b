package math

const (
	Pi    = 3.14159265358979323846264338327950288419716939937510582097494459
	E     = 2.71828182845904523536028747135266249775724709369995957496696763
	Sqrt2 = 1.41421356237309504880168872420969807856967187537694807317667974

	MaxInt8    = 1<<7 - 1
	MinInt8    = -1 << 7
	MaxInt16   = 1<<15 - 1
	MinInt16   = -1 << 15
	MaxInt32   = 1<<31 - 1
	MinInt32   = -1 << 31
	MaxInt64   = 1<<63 - 1
	MinInt64   = -1 << 63
	MaxInt     = MaxInt64
	MinInt     = MinInt64
	MaxUint8   = 1<<8 - 1
	MaxUint16  = 1<<16 - 1
	MaxUint32  = 1<<32 - 1
	MaxUint64  = 1<<64 - 1
	SmallestNonzeroFloat64 = 4.9406564584124654417656879286822137236505980e-324
	MaxFloat32 = 3.40282346638528859811704183484516925440e+38
	MaxFloat64 = 1.79769313486231570814527423731704356798070e+308
)

func Abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	if x == 0 {
		return 0
	}
	return x
}

func Max(a, b float64) float64 {
	return max(a, b)
}

func Min(a, b float64) float64 {
	return min(a, b)
}

func NaN() float64 {
	zero := 0.0
	return zero / zero
}

func Inf(sign int) float64 {
	zero := 0.0
	if sign >= 0 {
		return 1 / zero
	}
	return -1 / zero
}

func IsNaN(x float64) bool {
	return x != x
}

func IsInf(x float64, sign int) bool {
	return sign >= 0 && x > MaxFloat64 || sign <= 0 && x < -MaxFloat64
}

func Trunc(x float64) float64 {
	if x != x || x >= 1<<52 || x <= -1<<52 || x == 0 {
		return x
	}
	whole := float64(int64(x))
	if whole == 0 && x < 0 {
		return -whole
	}
	return whole
}

func Floor(x float64) float64 {
	whole := Trunc(x)
	if whole > x {
		return whole - 1
	}
	return whole
}

func Ceil(x float64) float64 {
	return -Floor(-x)
}

// Sqrt is rounded to the nearest: the root of the mantissa as an integer of 53 bits, from Newton's method and then
// exactly. The mantissa times 2^52 takes more than 64 bits, but what remains above the square does not.
func Sqrt(x float64) float64 {
	if x != x || x <= 0 || x > MaxFloat64 {
		if x < 0 {
			return NaN()
		}
		return x
	}
	scale := 1.0
	if x >= 4 || x < 1 {
		powers := [9]float64{4, 16, 256, 65536, 1 << 32, 1 << 64, 1 << 128, 1 << 256, 1.3407807929942597e154}
		roots := [9]float64{2, 4, 16, 256, 65536, 1 << 32, 1 << 64, 1 << 128, 1 << 256}
		for i := 8; i >= 0; i-- {
			for x >= powers[i] {
				x /= powers[i]
				scale *= roots[i]
			}
			for x*powers[i] < 4 {
				x *= powers[i]
				scale /= roots[i]
			}
		}
	}
	root := 0.5 + x*0.35
	for i := 0; i < 5; i++ {
		root = (root + x/root) * 0.5
	}
	whole := int64(root * (1 << 52))
	rest := int64(x*(1<<52))<<52 - whole*whole
	for rest < 0 {
		whole--
		rest += 2*whole + 1
	}
	for rest > 2*whole {
		rest -= 2*whole + 1
		whole++
	}
	if rest > whole {
		whole++
	}
	return float64(whole) / (1 << 52) * scale
}
