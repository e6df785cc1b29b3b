// String splitting: lines into fields, fields into key and value, and the values summed.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

type Pair struct {
	key   string
	value int
}

func line(seed int) string {
	text := make([]byte, 0, 64)
	keys := []string{"width", "height", "depth", "weight"}
	for i, key := range keys {
		if i > 0 {
			text = append(text, ';')
		}
		text = append(text, key...)
		text = append(text, '=')
		number := strconv.Itoa((seed*31 + i*17) % 1000)
		text = append(text, number...)
	}
	return string(text)
}

func split(text string, at byte) []string {
	count := 1
	for i := 0; i < len(text); i++ {
		if text[i] == at {
			count++
		}
	}
	bounds := make([]int, 0, count+1)
	parts := make([]string, 0, count)
	bounds = append(bounds, -1)
	for i := 0; i < len(text); i++ {
		if text[i] == at {
			bounds = append(bounds, i)
		}
	}
	bounds = append(bounds, len(text))
	for i := 0; i < count; i++ {
		parts = append(parts, text[bounds[i]+1:bounds[i+1]])
	}
	return parts
}

func pair(field string) *Pair {
	parts := split(field, '=')
	value, err := strconv.Atoi(parts[1])
	if err != nil {
		fmt.Println("bad field", field, err)
	}
	return &Pair{strings.ToUpper(parts[0]), value}
}

func main() {
	n := 6
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	total := 0
	longest := ""
	for i := range n {
		for _, field := range split(line(i), ';') {
			p := pair(field)
			total += p.value
			if name := p.key + ":" + strconv.Itoa(p.value); len(name) >= len(longest) {
				longest = name
			}
		}
	}
	fmt.Println("total", total, "longest", longest)
	fmt.Println(strings.Join(strings.Fields(" a  b c "), "-"), strings.Split("x,y,,z", ","))
}
