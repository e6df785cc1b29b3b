package strconv

import (
	"errors"
	"fmt"
)

func Itoa(n int) string {
	return fmt.Sprintf("%d", n)
}

func FormatInt(n int64, base int) string {
	digits := "0123456789abcdefghijklmnopqrstuvwxyz"
	if n == 0 {
		return "0"
	}
	rest := uint64(n)
	if n < 0 {
		rest = -rest
	}
	text := ""
	for rest > 0 {
		at := rest % uint64(base)
		text = digits[at:at+1] + text
		rest /= uint64(base)
	}
	if n < 0 {
		return "-" + text
	}
	return text
}

func Atoi(text string) (int, error) {
	start, negative := 0, false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		start, negative = 1, text[0] == '-'
	}
	if start == len(text) {
		return 0, problem(text, "invalid syntax")
	}
	limit := uint64(1<<63 - 1)
	if negative {
		limit = 1 << 63
	}
	n, tooLarge := uint64(0), false
	for i := start; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' {
			return 0, problem(text, "invalid syntax")
		}
		digit := uint64(text[i] - '0')
		if n > (limit-digit)/10 {
			tooLarge = true
			n = limit
		} else {
			n = n*10 + digit
		}
	}
	if negative {
		n = -n
	}
	if tooLarge {
		return int(n), problem(text, "value out of range")
	}
	return int(n), nil
}

func problem(text, what string) error {
	return errors.New("strconv.Atoi: parsing " + Quote(text) + ": " + what)
}

func Quote(text string) string {
	return fmt.Sprintf("%q", text)
}

func FormatBool(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
