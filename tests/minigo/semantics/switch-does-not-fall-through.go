package main

import "fmt"

func name(n int) string {
	switch n {
	case 0:
	case 1, 2:
		return "one or two"
	case 3:
		if n > 2 {
			break
		}
		return "never"
	default:
		return "many"
	}
	return "none"
}

func grade(score int) byte {
	switch {
	case score >= 90:
		return 'A'
	case score >= 80:
		return 'B'
	}
	return 'F'
}

func count(s string) (vowels, rest int) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case 'a', 'e', 'i', 'o', 'u':
			vowels++
			continue
		}
		rest++
	}
	return
}

func calls(n int) int {
	fmt.Print("call ", n, "; ")
	return n
}

func main() {
	for i := range 5 {
		fmt.Println(i, name(i))
	}
	fmt.Printf("%c%c%c\n", grade(95), grade(85), grade(5))
	fmt.Println(count("allocation folding"))
	switch calls(2) {
	case calls(1), calls(2), calls(3):
		fmt.Println("found")
	case calls(4):
	}
	switch word := "b"; word {
	default:
		fmt.Println("default first")
	case "a", "b":
		fmt.Println("text", word)
	}
outer:
	for i := 0; ; i++ {
		for j := 0; j < 3; j++ {
			switch {
			case i == 2:
				break outer
			case j == 1:
				continue outer
			}
			fmt.Print(i, j, " ")
		}
	}
	fmt.Println()
	switch {
	}
	switch x := 5; {
	case x > 3:
		fmt.Println("big")
	}
}
