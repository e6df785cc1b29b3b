package main

func a(n int) int {
	if n > 1 {
		return 1
	}
}

func b(n int) int {
	for {
		if n > 2 {
			break
		}
	}
}

func c(n int) (int, string) {
	switch n {
	case 1:
		return 1, "one"
	}
}

func d() int {
	return
}

func e() {
	return 1
}

func f() (int, int) {
	return 1
}

func g() (n int, err error) {
	{
		n := 2
		_ = n
		return
	}
}

func fine(n int) int {
	switch {
	case n > 1:
		return 1
	default:
		panic("no")
	}
}

func main() {
	a(1)
	b(1)
	c(1)
	d()
	e()
	f()
	g()
	fine(1)
}
