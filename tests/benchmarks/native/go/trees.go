// Tree building: a search tree whose nodes own two small slices, as an index does. Everything
// stays until the end.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type Node struct {
	key         int
	postings    []int32
	weights     []float64
	used        int
	left, right *Node
}

func newNode(key int) *Node {
	n := &Node{key: key}
	n.postings = make([]int32, 4)
	n.weights = make([]float64, 4)
	return n
}

func insert(root *Node, key, value int) *Node {
	if root == nil {
		root = newNode(key)
	}
	n := root
	for n.key != key {
		if key < n.key {
			if n.left == nil {
				n.left = newNode(key)
			}
			n = n.left
		} else {
			if n.right == nil {
				n.right = newNode(key)
			}
			n = n.right
		}
	}
	slot := n.used % 4
	n.postings[slot] = int32(value)
	n.weights[slot] += float64(value) / 8
	n.used++
	return root
}

func walk(n *Node, depth int) (int, float64) {
	if n == nil {
		return 0, 0
	}
	count, sum := walk(n.left, depth+1)
	more, rest := walk(n.right, depth+1)
	for i := 0; i < 4; i++ {
		sum += n.weights[i] * float64(depth)
		count += int(n.postings[i]) % 2
	}
	return count + more + 1, sum + rest
}

func main() {
	n := 100
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	var root *Node
	seed := uint32(7)
	for i := 0; i < n; i++ {
		seed = seed*1664525 + 1013904223
		root = insert(root, int(seed>>8), i)
	}
	count, sum := walk(root, 1)
	fmt.Println(count, sum)
}
