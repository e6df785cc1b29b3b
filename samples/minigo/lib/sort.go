package sort

// Ints sorts by merging, in a slice of its own.
func Ints(numbers []int) {
	other := make([]int, len(numbers))
	for width := 1; width < len(numbers); width *= 2 {
		for start := 0; start < len(numbers); start += 2 * width {
			middle, end := min(start+width, len(numbers)), min(start+2*width, len(numbers))
			a, b := start, middle
			for at := start; at < end; at++ {
				if b >= end || a < middle && numbers[a] <= numbers[b] {
					other[at] = numbers[a]
					a++
				} else {
					other[at] = numbers[b]
					b++
				}
			}
		}
		copy(numbers, other)
	}
}

func Strings(texts []string) {
	other := make([]string, len(texts))
	for width := 1; width < len(texts); width *= 2 {
		for start := 0; start < len(texts); start += 2 * width {
			middle, end := min(start+width, len(texts)), min(start+2*width, len(texts))
			a, b := start, middle
			for at := start; at < end; at++ {
				if b >= end || a < middle && texts[a] <= texts[b] {
					other[at] = texts[a]
					a++
				} else {
					other[at] = texts[b]
					b++
				}
			}
		}
		copy(texts, other)
	}
}
