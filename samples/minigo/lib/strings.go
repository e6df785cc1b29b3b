package strings

// view gives the bytes as a string, without a copy.
func view(bytes []byte) string

func Index(text, part string) int {
	for i := 0; i+len(part) <= len(text); i++ {
		if text[i:i+len(part)] == part {
			return i
		}
	}
	return -1
}

func IndexByte(text string, c byte) int {
	for i := 0; i < len(text); i++ {
		if text[i] == c {
			return i
		}
	}
	return -1
}

func Contains(text, part string) bool {
	return Index(text, part) >= 0
}

func HasPrefix(text, prefix string) bool {
	return len(text) >= len(prefix) && text[:len(prefix)] == prefix
}

func HasSuffix(text, suffix string) bool {
	return len(text) >= len(suffix) && text[len(text)-len(suffix):] == suffix
}

func TrimPrefix(text, prefix string) string {
	if HasPrefix(text, prefix) {
		return text[len(prefix):]
	}
	return text
}

func TrimSuffix(text, suffix string) string {
	if HasSuffix(text, suffix) {
		return text[:len(text)-len(suffix)]
	}
	return text
}

func Repeat(text string, count int) string {
	if count < 0 {
		panic("strings: negative Repeat count")
	}
	repeated := make([]byte, 0, len(text)*count)
	for i := 0; i < count; i++ {
		repeated = append(repeated, text...)
	}
	return view(repeated)
}

func Join(parts []string, between string) string {
	length := 0
	for i, part := range parts {
		if i > 0 {
			length += len(between)
		}
		length += len(part)
	}
	joined := make([]byte, 0, length)
	for i, part := range parts {
		if i > 0 {
			joined = append(joined, between...)
		}
		joined = append(joined, part...)
	}
	return view(joined)
}

func Count(text, part string) int {
	count := 0
	if len(part) == 0 {
		for range text {
			count++
		}
		return count + 1
	}
	for i := 0; i+len(part) <= len(text); {
		if text[i:i+len(part)] == part {
			count++
			i += len(part)
		} else {
			i++
		}
	}
	return count
}

func Split(text, between string) []string {
	if len(between) == 0 {
		letters := make([]string, 0, len(text))
		for _, c := range text {
			letters = append(letters, string(c))
		}
		return letters
	}
	parts := make([]string, 0, Count(text, between)+1)
	start := 0
	for i := 0; i+len(between) <= len(text); {
		if text[i:i+len(between)] == between {
			parts = append(parts, text[start:i])
			i += len(between)
			start = i
		} else {
			i++
		}
	}
	return append(parts, text[start:])
}

// Fields knows the white space of ASCII.
func Fields(text string) []string {
	fields := make([]string, 0, 8)
	start := -1
	for i := 0; i < len(text); i++ {
		if isSpace(text[i]) {
			if start >= 0 {
				fields = append(fields, text[start:i])
			}
			start = -1
		} else if start < 0 {
			start = i
		}
	}
	if start >= 0 {
		fields = append(fields, text[start:])
	}
	return fields
}

func TrimSpace(text string) string {
	for len(text) > 0 && isSpace(text[0]) {
		text = text[1:]
	}
	for len(text) > 0 && isSpace(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	return text
}

func isSpace(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r'
}

// ToUpper and ToLower know the letters of ASCII.
func ToUpper(text string) string {
	return mapped(text, 'a', 'z', 'A')
}

func ToLower(text string) string {
	return mapped(text, 'A', 'Z', 'a')
}

func mapped(text string, first, last, to byte) string {
	letters := []byte(text)
	for i, c := range letters {
		if c >= first && c <= last {
			letters[i] = c - first + to
		}
	}
	return view(letters)
}
