// Package runtime has what operators and conversions become.
package runtime

// view gives the bytes as a string, without a copy.
func view(bytes []byte) string

func equal(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func compare(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return int(a[i]) - int(b[i])
		}
	}
	return len(a) - len(b)
}

// decode gives the rune that begins at i, and above its 32 bits how many bytes it takes; what is no UTF-8 is one byte.
func decode(text string, i int) int {
	const bad = 1<<32 | 0xfffd
	first := int(text[i])
	if first < 0x80 {
		return 1<<32 | first
	}
	count, least, code := 2, 0x80, first&0x1f
	switch {
	case first >= 0xf0 && first < 0xf8:
		count, least, code = 4, 0x10000, first&7
	case first >= 0xe0 && first < 0xf0:
		count, least, code = 3, 0x800, first&15
	case first < 0xc0 || first >= 0xf8:
		return bad
	}
	if i+count > len(text) {
		return bad
	}
	for k := 1; k < count; k++ {
		next := int(text[i+k])
		if next&0xc0 != 0x80 {
			return bad
		}
		code = code<<6 | next&0x3f
	}
	if code < least || code > 0x10ffff || code >= 0xd800 && code < 0xe000 {
		return bad
	}
	return count<<32 | code
}

func encode(code int) string {
	return view(encoded(nil, code))
}

func encoded(to []byte, code int) []byte {
	if code < 0 || code > 0x10ffff || code >= 0xd800 && code < 0xe000 {
		code = 0xfffd
	}
	if code < 0x80 {
		return append(to, byte(code))
	}
	last := byte(0x80 | code&0x3f)
	if code < 0x800 {
		return append(to, byte(0xc0|code>>6), last)
	}
	middle := byte(0x80 | code>>6&0x3f)
	if code < 0x10000 {
		return append(to, byte(0xe0|code>>12), middle, last)
	}
	return append(to, byte(0xf0|code>>18), byte(0x80|code>>12&0x3f), middle, last)
}

func toRunes(text string) []rune {
	runes := make([]rune, 0, len(text))
	for _, c := range text {
		runes = append(runes, c)
	}
	return runes
}

func fromRunes(runes []rune) string {
	text := make([]byte, 0, len(runes))
	for _, c := range runes {
		text = encoded(text, int(c))
	}
	return view(text)
}

func minFloat(a, b float64) float64 {
	if a != a || b != b {
		return a + b
	}
	if a == 0 && b == 0 && 1/a < 0 {
		return a
	}
	if a < b {
		return a
	}
	return b
}

func maxFloat(a, b float64) float64 {
	return -minFloat(-a, -b)
}
