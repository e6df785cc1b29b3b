// Tokenizing: an arithmetic expression into tokens, tokens into a tree, and the tree's value.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type Kind int

const (
	Number Kind = iota
	Operator
	Open
	Close
)

func (k Kind) name() string {
	names := [...]string{"number", "operator", "open", "close"}
	return names[k]
}

type Token struct {
	kind  Kind
	text  string
	value int
}

type Expr struct {
	op          byte
	value       int
	left, right *Expr
}

type Parser struct {
	tokens []*Token
	at     int
}

func tokenize(text string) []*Token {
	tokens := make([]*Token, 0, 16)
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ':
			i++
		case c >= '0' && c <= '9':
			start, value := i, 0
			for i < len(text) && text[i] >= '0' && text[i] <= '9' {
				value = value*10 + int(text[i]-'0')
				i++
			}
			tokens = append(tokens, &Token{Number, text[start:i], value})
		case c == '(':
			tokens = append(tokens, &Token{kind: Open, text: "("})
			i++
		case c == ')':
			tokens = append(tokens, &Token{kind: Close, text: ")"})
			i++
		default:
			tokens = append(tokens, &Token{kind: Operator, text: text[i : i+1]})
			i++
		}
	}
	return tokens
}

func (p *Parser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at].text
	}
	return ""
}

func (p *Parser) factor() *Expr {
	token := p.tokens[p.at]
	p.at++
	if token.kind == Open {
		inner := p.sum()
		p.at++
		return inner
	}
	return &Expr{value: token.value}
}

func (p *Parser) product() *Expr {
	left := p.factor()
	for p.peek() == "*" || p.peek() == "/" {
		op := p.tokens[p.at].text[0]
		p.at++
		left = &Expr{op: op, left: left, right: p.factor()}
	}
	return left
}

func (p *Parser) sum() *Expr {
	left := p.product()
	for p.peek() == "+" || p.peek() == "-" {
		op := p.tokens[p.at].text[0]
		p.at++
		left = &Expr{op: op, left: left, right: p.product()}
	}
	return left
}

func (e *Expr) eval() int {
	switch e.op {
	case 0:
		return e.value
	case '+':
		return e.left.eval() + e.right.eval()
	case '-':
		return e.left.eval() - e.right.eval()
	case '*':
		return e.left.eval() * e.right.eval()
	}
	if d := e.right.eval(); d != 0 {
		return e.left.eval() / d
	}
	return 0
}

func main() {
	n := 8
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	total := 0
	counts := [4]int{}
	for i := 1; i <= n; i++ {
		text := "(" + strconv.Itoa(i) + " + 2) * 3 - 48 / (7 - " + strconv.Itoa(i%5) + ")"
		tokens := tokenize(text)
		for _, token := range tokens {
			counts[token.kind]++
		}
		parser := &Parser{tokens: tokens}
		total += parser.sum().eval()
		if i == n {
			fmt.Println(text, "has", len(tokens), "tokens")
		}
	}
	fmt.Println("total", total)
	for kind := Number; kind <= Close; kind++ {
		fmt.Printf("%-8s %6d\n", kind.name(), counts[kind])
	}
}
