// Package decimal has what fmt prints floats with.
package decimal

// float appends a number as the verbs e, f and g want it; a precision of -1 is the shortest text that reads back.
func float(buf []byte, x float64, verb int, precision int, bits int, sign int) []byte {
	if x != x {
		if sign == '+' {
			buf = append(buf, '+')
		}
		return append(buf, "NaN"...)
	}
	if x < 0 || x == 0 && 1/x < 0 {
		buf = append(buf, '-')
		x = -x
	} else if sign != 0 {
		buf = append(buf, byte(sign))
	}
	if x > 1.7976931348623157e308 {
		if buf == nil || len(buf) == 0 || buf[len(buf)-1] != '-' && sign == 0 {
			buf = append(buf, '+')
		}
		return append(buf, "Inf"...)
	}
	capital := verb < 'a'
	verb |= 32
	if verb == 'f' {
		d := decimals(x, precision, true, bits)
		return plain(buf, d.digits, d.point, precision)
	}
	if verb == 'e' {
		d := decimals(x, precision+1, false, bits)
		return scientific(buf, d.digits, d.point, precision, capital)
	}
	if precision == 0 {
		precision = 1
	}
	d := decimals(x, precision, false, bits)
	count := len(d.digits)
	for count > 0 && d.digits[count-1] == '0' {
		count--
	}
	digits := d.digits[:count]
	limit := precision
	if limit > count && count >= d.point {
		limit = count
	}
	if precision < 0 {
		limit = 6
	}
	exponent := d.point - 1
	if exponent < -4 || exponent >= limit {
		return scientific(buf, digits, d.point, count-1, capital)
	}
	after := count - d.point
	if after < 0 || count == 0 {
		after = 0
	}
	return plain(buf, digits, d.point, after)
}

// plain appends digits with so many places after the point, which stands before the digit with that number.
func plain(buf []byte, digits []byte, point int, places int) []byte {
	if point <= 0 {
		buf = append(buf, '0')
	}
	for i := 0; i < point; i++ {
		buf = append(buf, digit(digits, i))
	}
	if places > 0 {
		buf = append(buf, '.')
	}
	for i := 0; i < places; i++ {
		buf = append(buf, digit(digits, point+i))
	}
	return buf
}

func digit(digits []byte, i int) byte {
	if i < 0 || i >= len(digits) {
		return '0'
	}
	return digits[i]
}

func scientific(buf []byte, digits []byte, point int, places int, capital bool) []byte {
	buf = append(buf, digit(digits, 0))
	if places > 0 {
		buf = append(buf, '.')
	}
	for i := 1; i <= places; i++ {
		buf = append(buf, digit(digits, i))
	}
	if capital {
		buf = append(buf, 'E')
	} else {
		buf = append(buf, 'e')
	}
	exponent := point - 1
	if len(digits) == 0 || digits[0] == '0' {
		exponent = 0
	}
	if exponent < 0 {
		buf = append(buf, '-')
		exponent = -exponent
	} else {
		buf = append(buf, '+')
	}
	if exponent >= 100 {
		buf = append(buf, byte('0'+exponent/100))
	}
	return append(buf, byte('0'+exponent/10%10), byte('0'+exponent%10))
}

// A decimal is 0.digits times ten to the power of point.
type decimal struct {
	digits []byte
	point  int
}

// decimals gives the digits of a number that is not negative: with a precision of -1 the shortest that read back, else
// so many of them, or so many after the point where fixed is true; the last one rounded to even.
//
// Source: Steele and White, How to Print Floating-Point Numbers Accurately (1990), algorithm FPP², with exact numbers.
func decimals(x float64, precision int, fixed bool, bits int) *decimal {
	if x == 0 {
		return &decimal{nil, 0}
	}
	f := split(x, bits)
	// The number is value/scale; below and above are half the way to its neighbours.
	value, scale, above, below := big(f.mantissa), big(1), big(1), big(1)
	up := 0
	if f.exponent > 0 {
		up = f.exponent
	}
	if f.exponent < 0 {
		scale = shifted(scale, -f.exponent)
	}
	value, above, below = shifted(value, up), shifted(above, up), shifted(below, up)
	value, scale = shifted(value, 1), shifted(scale, 1)
	if f.isPower {
		value, scale, above = shifted(value, 1), shifted(scale, 1), shifted(above, 1)
	}
	even := f.mantissa%2 == 0
	shortest := precision < 0
	d := &decimal{make([]byte, 0, 24), 0}
	for !fitsBelow(value, above, scale, even, shortest) {
		scale = times(scale, 10)
		d.point++
	}
	for {
		more := times(value, 10)
		wider := times(above, 10)
		if !fitsBelow(more, wider, scale, even, shortest) {
			break
		}
		value, above, below = more, wider, times(below, 10)
		d.point--
	}
	count := precision
	if fixed && !shortest {
		count = d.point + precision
	}
	if !shortest && count < 0 {
		return &decimal{nil, 0}
	}
	for shortest || len(d.digits) < count {
		value = times(value, 10)
		next := byte('0')
		for compare(value, scale) >= 0 {
			value = minus(value, scale)
			next++
		}
		if shortest {
			above, below = times(above, 10), times(below, 10)
			low, high := compare(value, below), compare(plus(value, above), scale)
			isLow, isHigh := low < 0 || even && low == 0, high > 0 || even && high == 0
			if isLow || isHigh {
				half := compare(shifted(value, 1), scale)
				if isHigh && (!isLow || half > 0 || half == 0 && next%2 == 1) {
					next++
				}
				d.digits = append(d.digits, next)
				carry(d)
				return d
			}
		}
		d.digits = append(d.digits, next)
	}
	half := compare(shifted(value, 1), scale)
	odd := count > 0 && d.digits[count-1]%2 == 1
	if half > 0 || half == 0 && odd {
		if count == 0 {
			return &decimal{[]byte{'1'}, d.point + 1}
		}
		d.digits[count-1]++
		carry(d)
		if fixed && len(d.digits) < d.point+precision {
			d.digits = append(d.digits, '0')
		}
	}
	return d
}

// carry puts right a last digit that became ten.
func carry(d *decimal) {
	i := len(d.digits) - 1
	for i > 0 && d.digits[i] > '9' {
		d.digits[i] = '0'
		d.digits[i-1]++
		i--
	}
	if d.digits[0] > '9' {
		d.digits[0] = '1'
		d.point++
	}
}

// fitsBelow tells whether the number, rounded up as far as it may be, is below the scale.
func fitsBelow(value, above, scale []uint32, even, shortest bool) bool {
	if !shortest {
		return compare(value, scale) < 0
	}
	order := compare(plus(value, above), scale)
	return order < 0 || order == 0 && !even
}

// parts of a float: mantissa times two to the power of exponent; isPower where the next smaller float is nearer than
// the next larger.
type parts struct {
	mantissa uint64
	exponent int
	isPower  bool
}

const half = 1 << 52

func split(x float64, bits int) *parts {
	exponent := 0
	powers := [10]float64{2, 4, 16, 256, 65536, 1 << 32, 1 << 64, 1 << 128, 1 << 256, 1.3407807929942597e154}
	for i := 9; i >= 0; i-- {
		for x/powers[i] >= half {
			x /= powers[i]
			exponent += 1 << i
		}
		for x*powers[i] < 2*half {
			x *= powers[i]
			exponent -= 1 << i
		}
	}
	p := &parts{uint64(x), exponent, false}
	least, first := -1074, uint64(half)
	if bits == 32 {
		p.mantissa >>= 29
		p.exponent += 29
		least, first = -149, 1<<23
	}
	p.isPower = p.mantissa == first && p.exponent > least
	for p.exponent < least {
		p.mantissa /= 2
		p.exponent++
	}
	return p
}

// Large numbers: base 2^32, the lowest digit first, without zeros at the end.

func big(n uint64) []uint32 {
	if n>>32 == 0 {
		return []uint32{uint32(n)}
	}
	return []uint32{uint32(n), uint32(n >> 32)}
}

func times(a []uint32, factor uint32) []uint32 {
	product := make([]uint32, len(a), len(a)+1)
	carry := uint64(0)
	for i, digit := range a {
		carry += uint64(digit) * uint64(factor)
		product[i] = uint32(carry)
		carry >>= 32
	}
	if carry > 0 {
		product = append(product, uint32(carry))
	}
	return product
}

func shifted(a []uint32, bits int) []uint32 {
	moved := make([]uint32, bits/32+len(a), bits/32+len(a)+1)
	carry := uint64(0)
	for i, digit := range a {
		carry |= uint64(digit) << (bits % 32)
		moved[bits/32+i] = uint32(carry)
		carry >>= 32
	}
	if carry > 0 {
		moved = append(moved, uint32(carry))
	}
	return moved
}

func plus(a, b []uint32) []uint32 {
	if len(a) < len(b) {
		a, b = b, a
	}
	sum := make([]uint32, len(a), len(a)+1)
	carry := uint64(0)
	for i, digit := range a {
		carry += uint64(digit)
		if i < len(b) {
			carry += uint64(b[i])
		}
		sum[i] = uint32(carry)
		carry >>= 32
	}
	if carry > 0 {
		sum = append(sum, uint32(carry))
	}
	return sum
}

// minus takes b, which is not larger, from a.
func minus(a, b []uint32) []uint32 {
	rest := make([]uint32, len(a))
	borrow := int64(0)
	for i, digit := range a {
		borrow += int64(digit)
		if i < len(b) {
			borrow -= int64(b[i])
		}
		rest[i] = uint32(borrow)
		borrow >>= 32
	}
	count := len(rest)
	for count > 1 && rest[count-1] == 0 {
		count--
	}
	return rest[:count]
}

func compare(a, b []uint32) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	for i := len(a) - 1; i >= 0; i-- {
		if a[i] != b[i] {
			if a[i] < b[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}
