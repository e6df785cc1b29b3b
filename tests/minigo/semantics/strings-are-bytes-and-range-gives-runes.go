package main

import "fmt"

func reverse(s string) string {
	runes := []rune(s)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

func main() {
	s := "aé⌘😀\xffz"
	fmt.Println(len(s), s[1], s[len(s)-1], s[1:3], s[:1]+s[len(s)-1:])
	for i, c := range s {
		fmt.Print(i, ":", c, " ")
	}
	fmt.Println()
	for i := range "añb" {
		fmt.Print(i, " ")
	}
	n := 0
	for range s {
		n++
	}
	fmt.Println(n, reverse("añb⌘"), string(rune(233)), []byte("é"), []rune("é⌘"))
	b := []byte("abc")
	t := string(b)
	b[0] = 'X'
	u := []byte(t)
	u[1] = 'Y'
	fmt.Println(string(b), t, string(u))
	fmt.Println("a" < "b", "ab" < "a", "" < "a", "a" == "a", "a" != "b", "é" > "z", "b" >= "ab", "x" <= "x")
	empty := ""
	var zero string
	fmt.Println(empty == zero, len(zero), zero+"x", empty == "")
	t += "def"
	t = t + t[1:2] + string('!')
	fmt.Println(t, t[2:], t[:2], t[2:4], len(t[3:3]))
	fmt.Println(`raw\n"text"`, "tab\there", "\u00e9\U0001F600\101\x41", '\'', '\\', '\n', 'é', '\x41', '\377')
	fmt.Printf("%s|%q|%x|%v|%d\n", s[5:], "q\"\t", "hex", 'x', "ab"[0])
	for i, c := range []byte("hi") {
		fmt.Print(i, c, " ")
	}
	for i, c := range "\xe2\x8c" {
		fmt.Print(i, c, " ")
	}
	fmt.Println()
}
