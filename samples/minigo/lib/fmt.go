// Package fmt has what the calls of fmt become: each function appends to a buffer and gives the longer one. None but
// write gives several values or uses a variable of the package, so that none needs @go.state. Print, Printf, Println,
// Sprint, Sprintf, Sprintln and Errorf are the compiler's own.
package fmt

// view gives the bytes as a string, without a copy.
func view(bytes []byte) string

// printLine prints a line.
func printLine(text string)

// line is what was printed since the last line ended, where a program does that.
var line []byte

func write(text []byte) {
	last := len(text) - 1
	for last >= 0 && text[last] != '\n' {
		last--
	}
	if last < 0 {
		line = append(line, text...)
		return
	}
	line = append(line, text[:last]...)
	printLine(view(line))
	line = append(line[:0], text[last+1:]...)
}

func flush() {
	if len(line) > 0 {
		printLine(view(line))
	}
}

const lower, upper = "0123456789abcdef", "0123456789ABCDEF"

// signed appends a number; sign stands before one that is not negative, 0 for nothing.
func signed(buf []byte, n int64, base int, capital bool, sign int) []byte {
	if n < 0 {
		return unsigned(append(buf, '-'), -uint64(n), base, capital)
	}
	if sign != 0 {
		buf = append(buf, byte(sign))
	}
	return unsigned(buf, uint64(n), base, capital)
}

func unsigned(buf []byte, n uint64, base int, capital bool) []byte {
	count := 1
	for rest := n / uint64(base); rest > 0; rest /= uint64(base) {
		count++
	}
	for i := 0; i < count; i++ {
		buf = append(buf, '0')
	}
	digits := lower
	if capital {
		digits = upper
	}
	for at := len(buf) - 1; count > 0; at, count = at-1, count-1 {
		buf[at] = digits[n%uint64(base)]
		n /= uint64(base)
	}
	return buf
}

func char(buf []byte, code int64) []byte {
	if code < 0 || code > 0x10ffff {
		code = 0xfffd
	}
	return append(buf, string(rune(code))...)
}

func codePoint(buf []byte, code int64) []byte {
	buf = append(buf, "U+"...)
	for limit := int64(0x1000); limit > 1 && code < limit; limit /= 16 {
		buf = append(buf, '0')
	}
	return unsigned(buf, uint64(code), 16, true)
}

func quotedChar(buf []byte, code int64) []byte {
	if code < 0 || code > 0x10ffff {
		code = 0xfffd
	}
	return append(escaped(append(buf, '\''), rune(code), '\''), '\'')
}

// escaped appends a character as it stands between quotes. Beyond ASCII, all but the first control characters are
// taken to be printable.
func escaped(buf []byte, c rune, quote rune) []byte {
	switch c {
	case quote, '\\':
		return append(buf, '\\', byte(c))
	case '\a':
		return append(buf, '\\', 'a')
	case '\b':
		return append(buf, '\\', 'b')
	case '\f':
		return append(buf, '\\', 'f')
	case '\n':
		return append(buf, '\\', 'n')
	case '\r':
		return append(buf, '\\', 'r')
	case '\t':
		return append(buf, '\\', 't')
	case '\v':
		return append(buf, '\\', 'v')
	}
	if c < ' ' || c == 0x7f {
		return append(buf, '\\', 'x', lower[c/16], lower[c%16])
	}
	if c >= 0x80 && c < 0xa0 {
		return append(buf, '\\', 'u', '0', '0', lower[c/16], lower[c%16])
	}
	return append(buf, string(c)...)
}

func quoted(buf []byte, text string) []byte {
	buf = append(buf, '"')
	for i, c := range text {
		if c == 0xfffd && text[i] != 0xef { // no UTF-8
			buf = append(buf, '\\', 'x', lower[text[i]/16], lower[text[i]%16])
		} else {
			buf = escaped(buf, c, '"')
		}
	}
	return append(buf, '"')
}

func hex(buf []byte, text string, capital bool) []byte {
	digits := lower
	if capital {
		digits = upper
	}
	for i := 0; i < len(text); i++ {
		buf = append(buf, digits[text[i]/16], digits[text[i]%16])
	}
	return buf
}

// truncated gives the first runes of a text.
func truncated(text string, runes int) string {
	for i := range text {
		if runes == 0 {
			return text[:i]
		}
		runes--
	}
	return text
}

// pad widens what stands in the buffer from start on to so many runes.
func pad(buf []byte, start int, width int, left bool, zero bool) []byte {
	for _, c := range view(buf[start:]) {
		if c >= 0 {
			width--
		}
	}
	if width <= 0 {
		return buf
	}
	end := len(buf)
	for i := 0; i < width; i++ {
		buf = append(buf, ' ')
	}
	if left {
		return buf
	}
	if zero && start < end && buf[end-1] != 'f' && buf[end-1] != 'N' { // Inf and NaN are padded with spaces
		if buf[start] == '-' || buf[start] == '+' || buf[start] == ' ' {
			start++
		}
	} else {
		zero = false
	}
	copy(buf[start+width:], buf[start:end])
	for i := start; i < start+width; i++ {
		if zero {
			buf[i] = '0'
		} else {
			buf[i] = ' '
		}
	}
	return buf
}
